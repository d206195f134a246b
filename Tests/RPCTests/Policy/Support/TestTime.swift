/// A fixed start of virtual time; `start + .seconds(3)` reads as the third second.
let start = ContinuousClock.now
