use selektable_domain::attribution::{AttributionType, Reason};
use selektable_domain::report::{ConversionQuery, ConversionRecord, Lens, PAGE_ROWS_MAX, Summary};
use selektable_domain::time::Range;

use super::*;

const ORIGIN: &str = "http://127.0.0.1:8081";

/// Starts and ends the demo's preparation in a folder, and looks at what the store then knows.
async fn prepared(folder: &Folder) -> (Summary, Vec<ConversionRecord>) {
    let store = open(folder, false).await.unwrap();
    let profile = account::prepare(&store, folder, &[ORIGIN.to_owned()]).await.unwrap();
    let tenant = store.tenant(profile.organization, profile.store).await.unwrap().unwrap();
    let summary = store.summary(tenant, Range::ALL, Lens::default()).await.unwrap();
    let everything = ConversionQuery::newest(PAGE_ROWS_MAX);
    let conversions = store.conversions(tenant, everything).await.unwrap().data;
    assert_eq!(store.store(tenant).await.unwrap().settings.origins, [ORIGIN]);
    store.close().await.unwrap();
    (summary, conversions)
}

#[tokio::test]
async fn the_history_is_told_once_however_often_the_demo_starts_or_is_interrupted() {
    let directory = tempfile::tempdir().unwrap();
    let folder = Folder(directory.path().join("demo"));
    let (first, conversions) = prepared(&folder).await;
    assert!((300..=400).contains(&first.visualizations), "{first:?}");
    // The demo's shop sells no subscriptions, and keeps its events.
    let foreign = |reason: &Reason| matches!(reason, Reason::Renewal | Reason::EvidenceExpired);
    for reason in Reason::ALL.into_iter().filter(|reason| !foreign(reason)) {
        assert!(
            conversions.iter().any(|conversion| conversion.attribution.reason == reason),
            "no conversion is {reason:?}"
        );
    }
    assert!(conversions.iter().any(|conversion| conversion.attribution.kind == AttributionType::Assisted));

    assert_eq!(prepared(&folder).await.0, first);
    // An interruption before the end of the telling: it is told again, and nothing is doubled.
    let profile = folder.profile().unwrap();
    folder.keep(&profile::Profile { told: false, ..profile }).unwrap();
    assert_eq!(prepared(&folder).await.0, first);
}

#[tokio::test]
async fn a_reset_begins_anew_and_is_refused_while_the_demo_runs() {
    let directory = tempfile::tempdir().unwrap();
    let folder = Folder(directory.path().join("demo"));
    let store = open(&folder, false).await.unwrap();
    let first = folder.profile().unwrap();
    assert!(matches!(open(&folder, true).await, Err(DemoFault::Store(StoreError::Locked(_)))));
    store.close().await.unwrap();
    open(&folder, true).await.unwrap().close().await.unwrap();
    assert_ne!(folder.profile().unwrap().organization, first.organization);
}
