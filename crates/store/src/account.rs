//! Tenants, members, keys and dashboard sessions. Secrets pass through here only as hashes.

use selektable_domain::id::{KeyId, MemberId, OrganizationId};
use selektable_domain::time::Timestamp;

use crate::settings::{NewStore, StoreRecord};

/// SHA-256 of a secret with full entropy (a key, a session token); such secrets need no slow hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash(pub [u8; 32]);

impl std::fmt::Debug for SecretHash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SecretHash(…)")
    }
}

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Send orders and visualizations.
    Write,
    /// Read reports.
    Read,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 2] = [Self::Write, Self::Read];

    /// The name in API, database and dashboard.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Read => "read",
        }
    }

    /// Reads [`Scope::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.code() == code)
    }
}

/// A key to add.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Its public handle.
    pub id: KeyId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// What its owner calls it.
    pub name: String,
    /// Hash of its secret.
    pub secret: SecretHash,
    /// The secret's last four characters, to tell keys apart.
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A key as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its public handle.
    pub id: KeyId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// What its owner calls it.
    pub name: String,
    /// The secret's last four characters.
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working by itself (rotation with overlap).
    pub expires_at: Option<Timestamp>,
    /// When it was stopped.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was last sent by a browser: it is public then, and should be replaced.
    pub seen_in_browser_at: Option<Timestamp>,
}

impl KeyRecord {
    /// Whether the key opens anything at `now`.
    #[must_use]
    pub fn works_at(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none_or(|at| now < at) && self.expires_at.is_none_or(|at| now < at)
    }
}

/// How a key ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyEnd {
    /// At a later time: its successor is already in use.
    ExpiresAt(Timestamp),
    /// Now.
    RevokedAt(Timestamp),
}

/// One use of a key.
#[derive(Clone, Copy, Debug)]
pub struct KeyUse {
    /// Which key.
    pub key: KeyId,
    /// When.
    pub at: Timestamp,
    /// Whether a browser sent it.
    pub in_browser: bool,
}

/// An organization to make, with all it needs to start.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// Its first member.
    pub member: NewMember,
    /// Its first store.
    pub store: NewStore,
    /// Its first key.
    pub key: NewKey,
    /// When.
    pub created_at: Timestamp,
}

/// A member to make, unless the e-mail is known.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// Its id.
    pub id: MemberId,
    /// Its login.
    pub email: String,
    /// Its password, hashed with argon2id, in PHC text form.
    pub password_hash: String,
}

/// A person who can log in.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its id.
    pub id: MemberId,
    /// Its login.
    pub email: String,
    /// Its password's hash, in PHC text form.
    pub password_hash: String,
}

/// A dashboard session to begin.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Hash of the cookie's token.
    pub token: SecretHash,
    /// Who logged in.
    pub member: MemberId,
    /// When.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A dashboard session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// Who is logged in.
    pub member: MemberId,
    /// Its login.
    pub email: String,
    /// When the session ends.
    pub expires_at: Timestamp,
}

/// An organization as the dashboard shows it.
#[derive(Clone, Debug)]
pub struct OrganizationRecord {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// Its stores, by name, with their widgets.
    pub stores: Vec<StoreRecord>,
}
