//! Why a platform's API gave no orders.

/// What a pull of orders met instead of a page of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PullFault {
    /// Too many questions; the same one may be asked again.
    #[error("the platform asks to wait {wait_ms} ms before the next question")]
    Throttled {
        /// How long, in milliseconds, at least 1.
        wait_ms: u64,
    },
    /// The key is wrong or may not read orders.
    #[error(
        "the key may not read orders: give it the right to read them (Shopify: `read_orders`; WooCommerce: Read)"
    )]
    AccessDenied,
    /// The question is larger than the platform allows at once; one for fewer orders may be asked.
    #[error("the platform finds the question too large: ask for fewer orders at once")]
    TooCostly,
    /// Any other refusal, in the platform's words, cut to 64 bytes.
    #[error("the platform answered with an error: {0}")]
    Refused(String),
    /// Not an answer of this API.
    #[error("the answer can't be read: it is not what this API answers")]
    Unreadable,
}

impl PullFault {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Throttled { .. } => "throttled",
            Self::AccessDenied => "access_denied",
            Self::TooCostly => "question_too_costly",
            Self::Refused(_) => "refused",
            Self::Unreadable => "unreadable_answer",
        }
    }
}
