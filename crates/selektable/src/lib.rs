#![forbid(unsafe_code)]
//! The shell around the rules: HTTP, dashboard, pictures, command line.
//!
//! The way of a request is short: route → extractors that parse and authorize → one call of the store → answer.
//! **Invariant:** the clock and randomness are read in [`ambient`] and nowhere else; HTTP status codes stand under
//! [`http`] and [`dashboard`] and nowhere else.

pub mod ambient;
pub mod app;
pub mod cli;
pub mod config;
pub mod dashboard;
pub mod demo;
pub mod dry_runs;
pub mod file_handles;
pub mod http;
pub mod jobs;
pub mod key_uses;
pub mod lease;
pub mod lifecycle;
pub mod login_tries;
pub mod password;
pub mod patient;
pub mod pulls;
pub mod secret;
pub mod serving;

mod words;
