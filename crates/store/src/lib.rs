#![forbid(unsafe_code)]
//! Durable facts and what is derived from them: one storage interface, one engine a folder.
