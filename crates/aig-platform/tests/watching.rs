//! What watching a large run costs in requests.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use aig_platform::{
    Client, RunEvent, WaitOptions,
    transport::{RecordedRequest, RecordingTransport, Reply},
};
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

/// What a platform does with the parameters of the list of items.
#[derive(Clone, Copy, PartialEq)]
enum Lists {
    Fully,
    WithoutSorting,
    /// Refuses filters with 422.
    WithoutFilters,
}

/// A run of `items` that ends `each` after another, eight at once, on tokio's clock.
struct Simulated {
    items: i64,
    each: Duration,
    begun: Instant,
    lists: Lists,
}

const AT_ONCE: i64 = 8;

impl Simulated {
    fn done(&self) -> i64 {
        ((self.begun.elapsed().as_secs_f64() / self.each.as_secs_f64()) as i64).min(self.items)
    }

    fn run(&self) -> Value {
        let done = self.done();
        let processing = AT_ONCE.min(self.items - done);
        let state = if done == self.items { "TERMINATED" } else { "PROCESSING" };
        json!({ "run_id": Uuid::nil(), "application_id": "app", "version_number": "1.0.0", "state": state,
            "output": "NONE", "termination_reason": null, "error_code": null, "error_message": null,
            "submitted_at": "2026-11-22T03:00:00Z", "submitted_by": "ada", "statistics": { "item_count": self.items,
            "item_pending_count": self.items - done - processing, "item_processing_count": processing,
            "item_user_error_count": 0, "item_system_error_count": 0, "item_skipped_count": 0,
            "item_succeeded_count": done } })
    }

    /// Where an item is when `done` of them are done.
    fn state(number: i64, done: i64) -> &'static str {
        match number - done {
            ..0 => "TERMINATED",
            0..AT_ONCE => "PROCESSING",
            _ => "PENDING",
        }
    }

    fn item(number: i64, done: i64) -> Value {
        let state = Self::state(number, done);
        let reason = (state == "TERMINATED").then_some("SUCCEEDED");
        json!({ "item_id": Uuid::from_u128(number as u128 + 1), "external_id": format!("slide-{number}"),
            "custom_metadata": null, "state": state, "output": "FULL", "termination_reason": reason,
            "input_artifacts": [], "output_artifacts": [] })
    }

    fn list(&self, request: &RecordedRequest) -> Reply {
        let size: usize = request.query("page_size").unwrap().parse().unwrap();
        let page: usize = request.query("page").unwrap_or("1").parse().unwrap();
        let ids: Vec<&str> =
            request.query.iter().filter(|(name, _)| name == "item_id__in").map(|(_, id)| id.as_str()).collect();
        let (state, done) = (request.query("state"), self.done());
        if self.lists == Lists::WithoutFilters && state.is_some() {
            return Reply::json(422, &json!({ "detail": "no such filter" }));
        }
        let mut numbers: Vec<i64> =
            (0..self.items).filter(|n| state.is_none_or(|s| Self::state(*n, done) == s)).collect();
        if !ids.is_empty() {
            numbers.retain(|n| ids.contains(&Uuid::from_u128(*n as u128 + 1).to_string().as_str()));
        }
        if self.lists == Lists::Fully && request.query("sort") == Some("-terminated_at") {
            numbers.reverse();
        }
        let rows = numbers.into_iter().skip((page - 1) * size).take(size);
        Reply::json(200, &rows.map(|number| Self::item(number, done)).collect::<Vec<_>>())
    }
}

struct Seen {
    requests: usize,
    polls: usize,
    /// The states of each item, in order.
    states: BTreeMap<String, Vec<String>>,
    succeeded: usize,
}

async fn watch(items: i64, each: Duration, lists: Lists) -> Seen {
    let simulated = Simulated { items, each, begun: Instant::now(), lists };
    let transport = Arc::new(RecordingTransport::new().fallback(move |request| {
        if request.path.ends_with("/items") { simulated.list(request) } else { Reply::json(200, &simulated.run()) }
    }));
    let builder = Client::builder().api_root("https://platform.example").token("t");
    let client = builder.transport(Arc::clone(&transport) as _).build().unwrap();
    let states = Mutex::new(BTreeMap::<String, Vec<String>>::new());
    let mut events = client.run(Uuid::nil()).events(WaitOptions::default());
    let mut succeeded = 0;
    while let Some(event) = events.next().await {
        match event.unwrap() {
            RunEvent::Item { item, .. } => {
                let mut states = states.lock().unwrap();
                states.entry(item.external_id.clone()).or_default().push(item.state.to_string());
            }
            RunEvent::Finished(outcome) => succeeded = outcome.succeeded().count(),
            _ => {}
        }
    }
    let requests = transport.requests();
    let polls = requests.iter().filter(|request| !request.path.ends_with("/items")).count();
    Seen { requests: requests.len(), polls, states: states.into_inner().unwrap(), succeeded }
}

fn assert_told(seen: &Seen, items: usize) {
    assert_eq!((seen.states.len(), seen.succeeded), (items, items));
    for (item, states) in &seen.states {
        assert_eq!(states.iter().filter(|state| *state == "TERMINATED").count(), 1, "{item}: {states:?}");
        assert!(states.windows(2).all(|pair| pair[0] != pair[1]), "{item}: {states:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_of_ten_thousand_items_costs_few_requests_and_tells_every_item() {
    let seen = watch(10_000, Duration::from_millis(500), Lists::Fully).await;
    assert_told(&seen, 10_000);
    // All items at first and at last; in between a question about the run, one about what is processed, one about what
    // has ended, and one about what is neither.
    let (items, polls) = (seen.requests - seen.polls, seen.polls);
    println!("watch items=10000 hours=1.4 polls={polls} item_requests={items} naive={}", polls * 101);
    assert!(items <= 2 * 101 + 3 * polls + 100, "{items} requests about items at {polls} polls");
    assert!(polls <= 1_000, "{polls} polls in 1.4 hours");
}

#[tokio::test(start_paused = true)]
async fn a_run_of_a_few_items_costs_one_request_more_only_when_something_changed() {
    let seen = watch(20, Duration::from_secs(60), Lists::Fully).await;
    assert_told(&seen, 20);
    assert!(seen.requests - seen.polls <= 22, "{} about items", seen.requests - seen.polls);
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_neither_sorts_nor_filters_is_read_whole_and_nothing_is_missed() {
    for lists in [Lists::WithoutSorting, Lists::WithoutFilters] {
        let seen = watch(1_000, Duration::from_millis(100), lists).await;
        assert_told(&seen, 1_000);
    }
}
