//! The linear algebra of training, on `ndarray` and all threads; every sum is taken in one order, so results do not depend on their number.

mod eigen;
pub(super) mod inverse;
pub(super) mod solve;
pub(super) mod sparse;
pub(super) mod svd;
