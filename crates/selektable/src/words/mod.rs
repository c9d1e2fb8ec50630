//! Decisions in plain words, one wording for dashboard, API and command line. Pure; nothing here is said without the
//! data it is made of, and nothing is decided here.

pub(crate) mod change;
pub(crate) mod codes;
pub(crate) mod decision;
pub(crate) mod explanation;
pub(crate) mod format;
pub(crate) mod platform;
