// The end of the bridge inside Gazebo Classic 11: a world plugin that waits for a command before
// every batch of physics steps, so that simulated time stands still until the other end
// (patrol_gazebo/channel.py, which describes the messages) has thought.
//
// RONDA_BRIDGE_FD names an inherited socket. Numbers are in the machine's byte order. When the
// other end goes, so does the server.

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include <gazebo/common/Plugin.hh>
#include <gazebo/physics/physics.hh>

namespace ronda {

using gazebo::physics::CollisionPtr;
using gazebo::physics::JointPtr;
using gazebo::physics::LinkPtr;
using gazebo::physics::ModelPtr;
using gazebo::physics::MultiRayShape;
using ignition::math::Pose3d;
using ignition::math::Quaterniond;
using ignition::math::Vector3d;

/// Collects an answer and sends it in one piece.
class Answer {
 public:
  template <typename T>
  void Put(const T &value) {
    const char *bytes = reinterpret_cast<const char *>(&value);
    data_.insert(data_.end(), bytes, bytes + sizeof(T));
  }
  void Put(const std::string &text) {
    Put(static_cast<uint32_t>(text.size()));
    data_.insert(data_.end(), text.begin(), text.end());
  }
  void Put(const Vector3d &v) { Put(v.X()), Put(v.Y()), Put(v.Z()); }
  void Send(int fd) const {
    for (size_t sent = 0; sent < data_.size();) {
      const ssize_t count = send(fd, data_.data() + sent, data_.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) std::_Exit(0);
      sent += static_cast<size_t>(count);
    }
  }

 private:
  std::vector<char> data_;
};

struct Robot {
  ModelPtr model;
  LinkPtr base;
  JointPtr wheels[2];
  double targets_radps[2] = {0.0, 0.0};
  double torques_nm[2] = {0.0, 0.0};
  double speed_mps = 0.0;
};

struct Fan {
  CollisionPtr collision;
  boost::shared_ptr<MultiRayShape> shape;
  double near_m = 0.0;
};

struct Touch {
  uint32_t step, mine, other;
  double normal_z, speed_mps;
};

class Bridge : public gazebo::WorldPlugin {
 public:
  void Load(gazebo::physics::WorldPtr world, sdf::ElementPtr sdf) override {
    world_ = world;
    const char *fd = std::getenv("RONDA_BRIDGE_FD");
    if (fd == nullptr) gzthrow("RONDA_BRIDGE_FD is not set");
    fd_ = std::atoi(fd);
    gain_nms_ = sdf->Get<double>("servo_gain");
    max_torque_nm_ = sdf->Get<double>("max_torque");
    for (auto name = sdf->GetElement("robot"); name; name = name->GetNextElement("robot"))
      robot_names_.push_back(name->Get<std::string>());
    world->Physics()->GetContactManager()->SetNeverDropContacts(true);
    begin_ = gazebo::event::Events::ConnectWorldUpdateBegin(
        [this](const gazebo::common::UpdateInfo &) { OnBegin(); });
    end_ = gazebo::event::Events::ConnectWorldUpdateEnd([this]() { OnEnd(); });
  }

 private:
  void OnBegin() {
    if (models_.empty()) {
      Enumerate();
      TakeCommands();
    }
    for (Robot &robot : robots_) {
      const Vector3d velocity = robot.base->WorldLinearVel();
      robot.speed_mps = std::hypot(velocity.X(), velocity.Y());
      for (int side = 0; side < 2; ++side) {
        const double error = robot.targets_radps[side] - robot.wheels[side]->GetVelocity(0);
        const double torque = std::clamp(gain_nms_ * error, -max_torque_nm_, max_torque_nm_);
        robot.torques_nm[side] = torque;
        robot.wheels[side]->SetForce(0, torque);
      }
    }
  }

  void OnEnd() {
    NoteContacts();
    if (++done_ < wanted_) return;
    SendState();
    TakeCommands();
  }

  /// Number models and collisions, and tell their names.
  void Enumerate() {
    std::string models, collisions;
    models_ = world_->Models();
    for (const ModelPtr &model : models_) {
      models += model->GetName() + "\n";
      for (const LinkPtr &link : model->GetLinks()) {
        for (const CollisionPtr &collision : link->GetCollisions()) {
          const std::string name = collision->GetScopedName();
          numbers_[name] = static_cast<uint32_t>(numbers_.size());
          owners_.push_back(model);
          collisions += name + "\n";
        }
      }
    }
    for (const std::string &name : robot_names_) {
      Robot robot;
      robot.model = world_->ModelByName(name);
      robot.base = robot.model->GetLink("base_link");
      robot.wheels[0] = robot.model->GetJoint("left_wheel_joint");
      robot.wheels[1] = robot.model->GetJoint("right_wheel_joint");
      robots_.push_back(robot);
    }
    Answer hello;
    hello.Put(models);
    hello.Put(collisions);
    hello.Send(fd_);
  }

  void NoteContacts() {
    auto *manager = world_->Physics()->GetContactManager();
    for (unsigned int i = 0; i < manager->GetContactCount(); ++i) {
      const auto *contact = manager->GetContact(i);
      if (contact->count == 0) continue;
      const auto first = numbers_.find(contact->collision1->GetScopedName());
      const auto second = numbers_.find(contact->collision2->GetScopedName());
      if (first == numbers_.end() || second == numbers_.end()) continue;
      double normal_z = 0.0;
      for (int j = 0; j < contact->count; ++j)
        normal_z = std::max(normal_z, std::abs(contact->normals[j].Z()));
      for (const Robot &robot : robots_) {
        const bool has[] = {owners_[first->second] == robot.model,
                            owners_[second->second] == robot.model};
        if (has[0] == has[1]) continue;
        const uint32_t mine = has[0] ? first->second : second->second;
        const uint32_t other = has[0] ? second->second : first->second;
        touches_.push_back({done_, mine, other, normal_z, robot.speed_mps});
      }
    }
  }

  void SendState() {
    Answer state;
    state.Put(world_->SimTime().Double());
    for (const Robot &robot : robots_) {
      const Pose3d pose = robot.base->WorldPose();
      state.Put(pose.Pos());
      state.Put(Vector3d(pose.Rot().X(), pose.Rot().Y(), pose.Rot().Z()));
      state.Put(pose.Rot().W());
      state.Put(robot.base->WorldLinearVel());
      state.Put(robot.base->WorldAngularVel());
      for (const JointPtr &wheel : robot.wheels) state.Put(wheel->Position(0));
      for (const JointPtr &wheel : robot.wheels) state.Put(wheel->GetVelocity(0));
      for (const double torque_nm : robot.torques_nm) state.Put(torque_nm);
    }
    state.Put(static_cast<uint32_t>(touches_.size()));
    for (const Touch &touch : touches_) {
      state.Put(touch.step), state.Put(touch.mine), state.Put(touch.other);
      state.Put(touch.normal_z), state.Put(touch.speed_mps);
    }
    touches_.clear();
    state.Send(fd_);
  }

  /// Until the next batch of steps is asked for.
  void TakeCommands() {
    for (;;) {
      switch (Get<char>()) {
        case 'F': AddFan(); break;
        case 'M': Move(); break;
        case 'C': Cast(); break;
        case 'R': SendState(); break;
        case 'S':
          wanted_ = Get<uint32_t>();
          done_ = 0;
          for (Robot &robot : robots_)
            for (double &target : robot.targets_radps) target = Get<double>();
          return;
        default: gzthrow("the bridge was told something unknown");
      }
    }
  }

  void AddFan() {
    const Robot &robot = robots_.at(Get<uint32_t>());
    const Vector3d origin = GetVector();
    Fan fan;
    fan.near_m = Get<double>();
    const double far_m = Get<double>();
    const uint32_t count = Get<uint32_t>();
    // A ray sensor's own description is what its rays' length is taken from; its one beam is
    // number 0, ours follow.
    sdf::ElementPtr description(new sdf::Element);
    sdf::initFile("sensor.sdf", description);
    sdf::readString("<sdf version='1.6'><sensor name='fan' type='ray'><ray><scan><horizontal>"
        "<samples>1</samples><resolution>1</resolution><min_angle>0</min_angle>"
        "<max_angle>0</max_angle></horizontal></scan><range><min>" + std::to_string(fan.near_m) +
        "</min><max>" + std::to_string(far_m) + "</max></range></ray></sensor></sdf>",
        description);
    fan.collision = world_->Physics()->CreateCollision("multiray", robot.base);
    fan.collision->SetName("fan" + std::to_string(fans_.size()));
    fan.collision->SetInitialRelativePose(Pose3d(origin, Quaterniond::Identity));
    fan.collision->SetRelativePose(Pose3d(origin, Quaterniond::Identity));
    fan.shape = boost::dynamic_pointer_cast<MultiRayShape>(fan.collision->GetShape());
    fan.shape->Load(description);
    fan.shape->Init();
    for (uint32_t i = 0; i < count; ++i) {
      const Vector3d direction = GetVector();
      fan.shape->AddRay(origin + direction * fan.near_m, origin + direction * far_m);
    }
    fans_.push_back(fan);
  }

  void Move() {
    const ModelPtr model = models_.at(Get<uint32_t>());
    const Vector3d place = GetVector();
    const Vector3d turn = GetVector();
    const Quaterniond rotation(Get<double>(), turn.X(), turn.Y(), turn.Z());
    if (!model->IsStatic()) model->ResetPhysicsStates();
    model->SetWorldPose(Pose3d(place, rotation));
  }

  void Cast() {
    const Fan &fan = fans_.at(Get<uint32_t>());
    fan.shape->Update();
    Answer answer;
    std::vector<int32_t> hits;
    for (unsigned int i = 1; i < fan.shape->RayCount(); ++i) {
      const auto ray = fan.shape->Ray(i);
      const auto number = numbers_.find(ray->CollisionName());
      answer.Put(ray->GetLength() + fan.near_m);
      hits.push_back(number == numbers_.end() ? -1 : static_cast<int32_t>(number->second));
    }
    for (const int32_t hit : hits) answer.Put(hit);
    answer.Send(fd_);
  }

  template <typename T>
  T Get() {
    T value;
    char *bytes = reinterpret_cast<char *>(&value);
    for (size_t got = 0; got < sizeof(T);) {
      if (at_ == buffered_) {
        const ssize_t count = recv(fd_, buffer_, sizeof(buffer_), 0);
        if (count <= 0) std::_Exit(0);
        at_ = 0;
        buffered_ = static_cast<size_t>(count);
      }
      const size_t part = std::min(sizeof(T) - got, buffered_ - at_);
      std::copy(buffer_ + at_, buffer_ + at_ + part, bytes + got);
      at_ += part;
      got += part;
    }
    return value;
  }

  Vector3d GetVector() {
    const double x = Get<double>(), y = Get<double>(), z = Get<double>();
    return Vector3d(x, y, z);
  }

  gazebo::physics::WorldPtr world_;
  gazebo::event::ConnectionPtr begin_, end_;
  int fd_ = -1;
  double gain_nms_ = 0.0, max_torque_nm_ = 0.0;
  std::vector<std::string> robot_names_;
  std::vector<Robot> robots_;
  std::vector<ModelPtr> models_, owners_;
  std::unordered_map<std::string, uint32_t> numbers_;
  std::vector<Fan> fans_;
  std::vector<Touch> touches_;
  uint32_t wanted_ = 0, done_ = 0;
  char buffer_[65536];
  size_t at_ = 0, buffered_ = 0;
};

GZ_REGISTER_WORLD_PLUGIN(Bridge)

}  // namespace ronda
