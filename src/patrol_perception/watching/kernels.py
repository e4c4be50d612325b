"""The hot loop over pixels."""

from __future__ import annotations

from numba import njit

UNKNOWN, BACKGROUND, MOVING, STATIC = 0, 1, 2, 3
"""What a pixel shows. UNKNOWN: no background has been learnt there yet."""
KNOWN, CANDIDATE, COVER = 0, 1, 2
"""The colours that are kept of a pixel."""
SINCE, SEEN, HIDDEN, ENDED, FIRST, COVERED, COVER_FIRST = range(7)
"""What is counted of a pixel; see `advance`."""
COUNTS = 7
COVER_FACTOR = 2
"""What hides a candidate for so many times the learning time has come to stay itself."""


@njit(
    "Tuple((float64, float64))(uint8[:,:,::1], float32[:,:,::1], float32[:,:,::1], int64, int64)",
    cache=True,
)
def _differences(picture, background, candidate, r, c):  # type: ignore[no-untyped-def]
    """Of a pixel from background and candidate: in the colour that differs most."""
    to_background = to_candidate = 0.0
    for k in range(3):
        value = float(picture[r, c, k])
        to_background = max(to_background, abs(value - background[r, c, k]))
        to_candidate = max(to_candidate, abs(value - candidate[r, c, k]))
    return to_background, to_candidate


@njit("void(uint8[:,:,::1], float32[:,:,::1], int64, int64, float64)", cache=True)
def _blend(picture, colours, r, c, share):  # type: ignore[no-untyped-def]
    for k in range(3):
        colours[r, c, k] += share * (picture[r, c, k] - colours[r, c, k])


@njit(
    "boolean(uint8[:,:,::1], float32[:,:,:,::1], int32[::1], int64, int64, int64[::1], float64)",
    cache=True,
)
def _covered(picture, colours, count, r, c, limits, threshold):  # type: ignore[no-untyped-def]
    """A pixel whose candidate is hidden; whether by something that has come to stay itself."""
    number = limits[5]
    off = 0.0
    for k in range(3):
        off = max(off, abs(float(picture[r, c, k]) - colours[COVER, r, c, k]))
    if count[COVERED] and off < threshold:
        count[COVERED] += 1
    else:
        count[COVERED], count[COVER_FIRST] = 1, number
        _blend(picture, colours[COVER], r, c, 1.0)
    if count[COVERED] < COVER_FACTOR * limits[0]:
        return False
    colours[CANDIDATE, r, c] = colours[COVER, r, c]
    count[SEEN], count[FIRST] = count[COVERED], count[COVER_FIRST]
    count[HIDDEN] = count[ENDED] = count[COVERED] = 0
    return True


@njit(
    "int64(uint8[:,:,::1], float32[:,:,:,::1], int32[::1], int64, int64, int64[::1], float64, "
    "boolean)",
    cache=True,
)
def _other(picture, colours, count, r, c, limits, threshold, same):  # type: ignore[no-untyped-def]
    """The state of a pixel that does not show its background; `same`: it shows the candidate."""
    learn, static, occluded, _, absorb, number = limits
    if same:
        count[SEEN] += 1
        count[HIDDEN] = count[ENDED] = count[COVERED] = 0
        _blend(picture, colours[CANDIDATE], r, c, 1.0 / min(count[SEEN], 50))
        if count[SEEN] >= (absorb if count[SINCE] else learn):
            count[SINCE], count[SEEN] = number, 0
            colours[KNOWN, r, c] = colours[CANDIDATE, r, c]
            return BACKGROUND
    elif count[SEEN] >= learn and count[HIDDEN] < occluded:
        count[HIDDEN] += 1
        if not _covered(picture, colours, count, r, c, limits, threshold):
            return MOVING if count[SINCE] else UNKNOWN
    else:
        count[SEEN], count[HIDDEN], count[ENDED], count[FIRST], count[COVERED] = 1, 0, 0, number, 0
        _blend(picture, colours[CANDIDATE], r, c, 1.0)
    if not count[SINCE]:
        return UNKNOWN
    return STATIC if count[SEEN] >= static else MOVING


@njit(
    "void(uint8[:,:,::1], float32[:,:,:,::1], int32[:,:,::1], uint8[:,::1], int64[::1], float64, "
    "float64)",
    cache=True,
)
def advance(picture, colours, counts, state, limits, threshold, drift):  # type: ignore[no-untyped-def]
    """One picture (H, W, 3) further.

    `colours` (3, H, W, 3) are those of the background, of the candidate, and of what covers that.
    `counts` (H, W, 7): since which picture a background is known (0: none is); for how many
    pictures the candidate was seen, was hidden, and was interrupted by background; in which it was
    first seen; and for how many the cover was seen, and in which first. `limits`: pictures until
    something is learnt, static, forgotten when hidden, ended by background, absorbed; and the
    number of this one.
    """
    rows, columns, _ = picture.shape
    background, candidate = colours[KNOWN], colours[CANDIDATE]
    for r in range(rows):
        for c in range(columns):
            count = counts[r, c]
            off, off_candidate = _differences(picture, background, candidate, r, c)
            if count[SINCE] and off < threshold:
                _blend(picture, background, r, c, drift)
                if count[SEEN]:
                    count[ENDED] += 1
                    if count[ENDED] >= limits[3]:
                        count[SEEN] = count[HIDDEN] = count[ENDED] = count[COVERED] = 0
                state[r, c] = BACKGROUND
                continue
            same = count[SEEN] > 0 and off_candidate < threshold
            state[r, c] = _other(picture, colours, count, r, c, limits, threshold, same)
