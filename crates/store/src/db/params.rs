//! What is bound to a statement.

use super::ToSql;

/// Values for `?1`, `?2`, … in this order.
pub(crate) trait Params {
    /// Hands them over as one list.
    fn bind<R>(self, run: impl FnOnce(&[&dyn ToSql]) -> R) -> R;
}

impl Params for () {
    fn bind<R>(self, run: impl FnOnce(&[&dyn ToSql]) -> R) -> R {
        run(&[])
    }
}

impl Params for &[&dyn ToSql] {
    fn bind<R>(self, run: impl FnOnce(&[&dyn ToSql]) -> R) -> R {
        run(self)
    }
}

impl<const N: usize> Params for &[&dyn ToSql; N] {
    fn bind<R>(self, run: impl FnOnce(&[&dyn ToSql]) -> R) -> R {
        run(self)
    }
}

impl<T: ToSql, const N: usize> Params for [T; N] {
    fn bind<R>(self, run: impl FnOnce(&[&dyn ToSql]) -> R) -> R {
        run(&self.each_ref().map(|value| value as &dyn ToSql))
    }
}

/// Values of any types as [`Params`].
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$(&$value as &dyn $crate::db::ToSql),*] as &[&dyn $crate::db::ToSql]
    };
}
pub(crate) use params;
