//! Organizations, members and their dashboard sessions.

use crate::db::params;
use selektable_domain::id::{MemberId, OrganizationId};
use selektable_domain::time::Timestamp;

use super::rows::{Reading, collect, first};
use super::work::Work;
use super::{keys, stores};
use crate::account::{
    Member, NewMember, NewOrganization, NewSession, OrganizationRecord, SecretHash, SessionRecord,
};
use crate::db::taken;
use crate::{StoreError, StoreResult};

/// Whether nobody set this installation up yet.
pub(super) fn is_empty(work: &Work<'_>) -> StoreResult<bool> {
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM organizations)";
    Ok(work.connection.prepare_cached(sql)?.query_row((), |row| row.get(0))?)
}

/// Makes an organization with its first member, store, widget and key.
pub(super) fn create_organization(work: &Work<'_>, new: &NewOrganization) -> StoreResult<()> {
    let sql = "INSERT INTO organizations (id, name, created_at) VALUES (?1, ?2, ?3) RETURNING number";
    let created_at = new.created_at.as_millis();
    let parameters = params![new.id.as_bytes(), new.name, created_at];
    let inserted = work.connection.prepare_cached(sql)?.query_row(parameters, |row| row.get(0));
    let organization: i64 = taken(inserted, "an organization of this name")?;
    let member = find_or_create_member(work, &new.member)?;
    let sql = "INSERT INTO memberships (member, organization) VALUES (?1, ?2)";
    work.connection.prepare_cached(sql)?.execute([member, organization])?;
    stores::create(work, &new.store)?;
    keys::create(work, &new.key)
}

/// E-mail addresses are compared without letter case.
fn fold(email: &str) -> String {
    email.trim().to_lowercase()
}

fn find_or_create_member(work: &Work<'_>, new: &NewMember) -> StoreResult<i64> {
    let email = fold(&new.email);
    let sql = "SELECT number FROM members WHERE email_folded = ?1";
    let known = first(work.connection.prepare_cached(sql)?.query([&email])?, |row| Ok(row.get(0)?))?;
    if let Some(number) = known {
        return Ok(number);
    }
    let sql = "INSERT INTO members (id, email, email_folded, password_hash) VALUES (?1, ?2, ?3, ?4) \
               RETURNING number";
    let parameters = params![new.id.as_bytes(), new.email, email, new.password_hash];
    let inserted = work.connection.prepare_cached(sql)?.query_row(parameters, |row| row.get(0));
    taken(inserted, "a member with this id")
}

/// The organizations of a member, by name.
pub(super) fn of_member(work: &Work<'_>, member: MemberId) -> StoreResult<Vec<OrganizationRecord>> {
    let sql = "SELECT o.number, o.id, o.name FROM organizations o \
               JOIN memberships ms ON ms.organization = o.number JOIN members m ON m.number = ms.member \
               WHERE m.id = ?1 ORDER BY o.name, o.number";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query([member.as_bytes()])?, |row| read_organization(work, row))
}

/// One organization.
pub(super) fn by_id(
    work: &Work<'_>,
    organization: OrganizationId,
) -> StoreResult<Option<OrganizationRecord>> {
    let sql = "SELECT number, id, name FROM organizations WHERE id = ?1";
    let mut statement = work.connection.prepare_cached(sql)?;
    first(statement.query([organization.as_bytes()])?, |row| read_organization(work, row))
}

fn read_organization(work: &Work<'_>, row: &crate::db::Row<'_>) -> StoreResult<OrganizationRecord> {
    let row = Reading::new(row, "organizations", 0);
    let stores = stores::of_organization(work, row.get(0)?)?;
    Ok(OrganizationRecord { id: row.id(1)?, name: row.get(2)?, stores })
}

/// A member by e-mail.
pub(super) fn member_by_email(work: &Work<'_>, email: &str) -> StoreResult<Option<Member>> {
    let sql = "SELECT number, id, email, password_hash FROM members WHERE email_folded = ?1";
    let mut statement = work.connection.prepare_cached(sql)?;
    first(statement.query([fold(email)])?, |row| {
        let row = Reading::new(row, "members", 0);
        Ok(Member { id: row.id(1)?, email: row.get(2)?, password_hash: row.get(3)? })
    })
}

/// Replaces a password hash and ends the member's sessions.
pub(super) fn set_password(work: &Work<'_>, member: MemberId, password_hash: &str) -> StoreResult<()> {
    let sql = "UPDATE members SET password_hash = ?2 WHERE id = ?1";
    work.connection.prepare_cached(sql)?.execute(params![member.as_bytes(), password_hash])?;
    let sql = "DELETE FROM sessions WHERE member = (SELECT number FROM members WHERE id = ?1)";
    work.connection.prepare_cached(sql)?.execute([member.as_bytes()])?;
    Ok(())
}

/// Begins a session, and lets those that ended go.
pub(super) fn create_session(work: &Work<'_>, new: &NewSession) -> StoreResult<()> {
    let created_at = new.created_at.as_millis();
    let sql = "DELETE FROM sessions WHERE expires_at <= ?1";
    work.connection.prepare_cached(sql)?.execute([created_at])?;
    let sql = "INSERT INTO sessions (token, member, created_at, expires_at) \
               SELECT ?1, number, ?3, ?4 FROM members WHERE id = ?2";
    let added = work.connection.prepare_cached(sql)?.execute(params![
        new.token.0,
        new.member.as_bytes(),
        created_at,
        new.expires_at.as_millis()
    ]);
    match taken(added, "a session with this token")? {
        0 => Err(missing("members", new.member.to_string())),
        _ => Ok(()),
    }
}

/// A session that has not ended.
pub(super) fn session(
    work: &Work<'_>,
    token: SecretHash,
    now: Timestamp,
) -> StoreResult<Option<SessionRecord>> {
    let sql = "SELECT m.number, m.id, m.email, s.expires_at FROM sessions s JOIN members m ON m.number = s.member \
               WHERE s.token = ?1 AND s.expires_at > ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    first(statement.query(params![token.0, now.as_millis()])?, |row| {
        let row = Reading::new(row, "members", 0);
        Ok(SessionRecord { member: row.id(1)?, email: row.get(2)?, expires_at: row.time(3)? })
    })
}

/// Ends a session.
pub(super) fn end_session(work: &Work<'_>, token: SecretHash) -> StoreResult<()> {
    work.connection.prepare_cached("DELETE FROM sessions WHERE token = ?1")?.execute([token.0])?;
    Ok(())
}

/// Something a caller was promised is not there.
pub(super) fn missing(table: &'static str, row: String) -> StoreError {
    StoreError::Inconsistent { table, row, detail: "it is not there".to_owned() }
}
