//! Organizations, members, sessions, keys, stores and widgets.

use selektable_domain::id::MemberKind;
use selektable_domain::rules::Ruleset;
use selektable_domain::schedule::Schedule;
use selektable_store::StoreError;
use selektable_store::account::{KeyEnd, KeyUse, NewSession, SecretHash};
use selektable_store::settings::{RETENTION_HOURS_MAX, WidgetSettings};

use crate::world::{
    at, engines, new_id, new_key, new_organization, new_store, new_widget, store_settings, worlds,
};

#[tokio::test]
async fn an_organization_is_made_whole_or_not_at_all() {
    for engine in engines() {
        let store = &engine.store;
        assert!(store.is_empty().await.unwrap());
        let new = new_organization("Acme", "Ann@Example.com", 1);
        store.create_organization(new.clone()).await.unwrap();
        assert!(!store.is_empty().await.unwrap());
        // The second one's key has the first one's secret: its organization must not stay behind.
        let clash = new_organization("Other", "bob@example.com", 1);
        let answer = store.create_organization(clash.clone()).await;
        assert!(matches!(answer, Err(StoreError::Taken(_))), "{answer:?}");
        assert!(store.organization(clash.id).await.unwrap().is_none());
        assert!(store.member_by_email("bob@example.com").await.unwrap().is_none());
        let again = store.create_organization(new_organization("Acme", "bob@example.com", 2)).await;
        assert_eq!(again, Err(StoreError::Taken("an organization of this name")));
    }
}

#[tokio::test]
async fn a_member_is_known_by_e_mail_in_any_letter_case_and_keeps_their_password() {
    for engine in engines() {
        let store = &engine.store;
        let first = new_organization("B", "Ann@Example.com", 1);
        let mut second = new_organization("A", "ann@example.COM", 2);
        second.member.password_hash = "another".to_owned();
        store.create_organization(first.clone()).await.unwrap();
        store.create_organization(second).await.unwrap();
        let member = store.member_by_email("ANN@example.com").await.unwrap().unwrap();
        assert_eq!((member.id, member.password_hash.as_str()), (first.member.id, "hash"));
        let names: Vec<String> =
            store.organizations(member.id).await.unwrap().into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["A", "B"]);
        assert!(store.organizations(new_id::<MemberKind>()).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_session_ends_by_time_by_logout_and_by_a_new_password() {
    for engine in engines() {
        let store = &engine.store;
        let new = new_organization("Acme", "ann@example.com", 1);
        store.create_organization(new.clone()).await.unwrap();
        let session = |token: u8| NewSession {
            token: SecretHash([token; 32]),
            member: new.member.id,
            created_at: at(0.0),
            expires_at: at(1.0),
        };
        for token in [1, 2, 3] {
            store.create_session(session(token)).await.unwrap();
        }
        let open = async |token: u8, hours| {
            store.session(SecretHash([token; 32]), at(hours)).await.unwrap().is_some()
        };
        assert!(open(1, 0.9).await && !open(1, 1.0).await && !open(9, 0.5).await);
        store.end_session(SecretHash([1; 32])).await.unwrap();
        assert!(!open(1, 0.5).await && open(2, 0.5).await);
        store.set_password(new.member.id, "new".to_owned()).await.unwrap();
        assert!(!open(2, 0.5).await && !open(3, 0.5).await);
        let member = store.member_by_email("ann@example.com").await.unwrap().unwrap();
        assert_eq!(member.password_hash, "new");
    }
}

#[tokio::test]
async fn a_key_is_found_by_its_secret_until_nobody_may_use_it_and_also_then() {
    for world in worlds().await {
        let (store, organization) = (&world.store, world.tenant.organization);
        let key = new_key(organization, 7);
        store.create_key(key.clone()).await.unwrap();
        let found = async || store.key_by_secret(SecretHash([7; 32])).await.unwrap().unwrap();
        assert!(found().await.works_at(at(0.0)));
        assert!(store.end_key(organization, key.id, KeyEnd::ExpiresAt(at(2.0))).await.unwrap());
        assert!(found().await.works_at(at(1.9)) && !found().await.works_at(at(2.0)));
        assert!(store.end_key(organization, key.id, KeyEnd::RevokedAt(at(1.0))).await.unwrap());
        assert!(!found().await.works_at(at(1.0)));
        assert!(store.end_key(organization, key.id, KeyEnd::RevokedAt(at(3.0))).await.unwrap());
        assert_eq!(found().await.revoked_at, Some(at(1.0)), "stopped once is stopped since then");
        assert!(!store.end_key(new_id(), key.id, KeyEnd::RevokedAt(at(1.0))).await.unwrap());
        assert!(store.key_by_secret(SecretHash([8; 32])).await.unwrap().is_none());
        let uses = vec![KeyUse { key: key.id, at: at(0.009), in_browser: true }];
        store.touch_keys(uses).await.unwrap();
        let listed = store.keys(organization).await.unwrap();
        assert_eq!((listed.len(), listed[0].id), (2, key.id));
        assert_eq!(listed[0].last_used_at, Some(at(0.0)), "to the minute");
        assert_eq!(listed[0].seen_in_browser_at, Some(at(0.0)));
        assert!(store.keys(new_id()).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn settings_are_read_back_as_they_were_set() {
    for world in worlds().await {
        let store = &world.store;
        let mut settings = store_settings("Renamed");
        settings.origins = vec!["https://b.example".to_owned(), "https://a.example".to_owned()];
        settings.keep_traits = true;
        store.update_store(world.tenant, settings.clone()).await.unwrap();
        let second = new_id();
        store.create_widget(world.tenant, new_widget(second)).await.unwrap();
        let widget = WidgetSettings {
            name: "Sofa".to_owned(),
            accent: Some("#ff0000".to_owned()),
            retention_hours: RETENTION_HOURS_MAX,
        };
        assert!(store.update_widget(world.tenant, second, widget.clone()).await.unwrap());
        assert!(!store.update_widget(world.tenant, new_id(), widget.clone()).await.unwrap());
        let record = store.store(world.tenant).await.unwrap();
        assert_eq!(record.settings, settings);
        assert_eq!(record.ruleset, Ruleset::FIRST);
        assert_eq!(record.schedule, Schedule::first(Ruleset::FIRST));
        let widgets: Vec<_> = record.widgets.iter().map(|widget| widget.id).collect();
        assert_eq!(widgets, [world.widget, second]);
        assert_eq!(record.widgets[1].settings, widget);
        let shown = store.organization(world.tenant.organization).await.unwrap().unwrap();
        assert_eq!((shown.stores.len(), shown.stores[0].widgets.len()), (1, 2));
    }
}

#[tokio::test]
async fn a_store_of_an_unknown_organization_and_a_taken_id_are_refused() {
    for world in worlds().await {
        let lost = world.store.create_store(new_store(new_id(), new_id(), new_id())).await;
        assert!(matches!(lost, Err(StoreError::Inconsistent { .. })), "{lost:?}");
        let taken = new_store(world.tenant.store, world.tenant.organization, new_id());
        assert!(matches!(world.store.create_store(taken).await, Err(StoreError::Taken(_))));
        let widget = world.store.create_widget(world.tenant, new_widget(world.widget)).await;
        assert!(matches!(widget, Err(StoreError::Taken(_))));
    }
}
