"""What the robot answers: who may what, one visitor's conversation, and the reception of all."""
