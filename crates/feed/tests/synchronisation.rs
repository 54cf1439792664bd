//! What a feed answers, message by message.

use proptest::prelude::*;
use tercel_book::{LadderConfig, WINDOW_LEVELS_MIN};
use tercel_feed::{
    BUFFERED_DIFFS_MAX, BookSource, CaughtUp, Continuity, Diff, DiffOutcome, FeedConfig, Partial, PartialOutcome,
    QuoteSource, Snapshot, SnapshotOutcome, SymbolFeed, Ticker, TickerOutcome,
};
use tercel_types::{Level, Nanos, Price, Side, UpdateId};

const NOW: Nanos = Nanos(1_000);

fn feed(source: BookSource) -> SymbolFeed {
    let ladder = LadderConfig::new(Price(1), WINDOW_LEVELS_MIN).unwrap();
    SymbolFeed::new(FeedConfig { source, ladder })
}

fn spot() -> SymbolFeed {
    feed(BookSource::Diffs(Continuity::Spot))
}

fn diff(first: u64, last: u64, bids: &[Level]) -> Diff<'_> {
    Diff { first: UpdateId(first), last: UpdateId(last), previous: None, bids, asks: &[] }
}

fn snapshot(last: u64, bids: &[Level]) -> Snapshot<'_> {
    Snapshot { last: UpdateId(last), bids, asks: &[] }
}

fn load(feed: &mut SymbolFeed, snapshot: &Snapshot<'_>) -> (SnapshotOutcome, Vec<u64>) {
    let outcome = feed.on_snapshot(snapshot, NOW);
    let applied = std::iter::from_fn(|| feed.catch_up()).map(|diff| diff.last.0).collect();
    (outcome, applied)
}

fn applied(levels: usize) -> DiffOutcome {
    DiffOutcome::Applied { levels, dropped: 0 }
}

#[test]
fn diffs_before_the_snapshot_are_dropped_and_the_one_that_brackets_it_is_the_first() {
    let mut feed = spot();
    assert_eq!(feed.on_diff(&diff(203, 207, &[Level::new(5, 1)]), NOW), DiffOutcome::Buffered);
    assert_eq!(feed.on_diff(&diff(208, 224, &[Level::new(6, 2)]), NOW), DiffOutcome::Buffered);
    assert_eq!(feed.on_diff(&diff(225, 230, &[Level::new(7, 3)]), NOW), DiffOutcome::Buffered);
    assert!(feed.needs_snapshot() && !feed.is_synchronised());
    let (outcome, ids) = load(&mut feed, &snapshot(218, &[Level::new(4, 9)]));
    assert_eq!(outcome, SnapshotOutcome::Loaded { waiting: 2, dropped: 0 });
    assert_eq!(ids, [224, 230]);
    let levels: Vec<_> = feed.book().levels(Side::Buy).collect();
    assert_eq!(levels, [Level::new(7, 3), Level::new(6, 2), Level::new(4, 9)]);
    assert_eq!(feed.update_id(), Some(UpdateId(230)));
    assert_eq!(feed.buffered_diffs(), 0);
}

#[test]
fn what_waited_is_applied_one_diff_at_a_time_and_the_book_is_behind_until_the_last() {
    let mut feed = spot();
    assert_eq!(feed.on_diff(&diff(208, 224, &[Level::new(6, 2)]), NOW), DiffOutcome::Buffered);
    assert_eq!(feed.on_diff(&diff(225, 230, &[Level::new(7, 3)]), NOW), DiffOutcome::Buffered);
    let loaded = feed.on_snapshot(&snapshot(218, &[Level::new(4, 9)]), NOW);
    assert_eq!(loaded, SnapshotOutcome::Loaded { waiting: 2, dropped: 0 });
    assert!(!feed.is_synchronised() && !feed.needs_snapshot() && feed.is_stale(NOW, i64::MAX));
    assert_eq!(feed.catch_up(), Some(CaughtUp { last: UpdateId(224), levels: 1, dropped: 0 }));
    assert_eq!((feed.update_id(), feed.book().best_bid()), (Some(UpdateId(224)), Some(Level::new(6, 2))));
    // What comes meanwhile waits behind the others.
    assert_eq!(feed.on_diff(&diff(231, 240, &[Level::new(8, 4)]), NOW), DiffOutcome::Buffered);
    assert!(feed.catch_up().is_some() && !feed.is_synchronised());
    assert!(feed.catch_up().is_some() && feed.is_synchronised());
    assert_eq!((feed.catch_up(), feed.book().best_bid()), (None, Some(Level::new(8, 4))));
}

#[test]
fn a_gap_while_catching_up_needs_another_snapshot() {
    let mut feed = spot();
    assert_eq!(feed.on_diff(&diff(1, 10, &[Level::new(6, 2)]), NOW), DiffOutcome::Buffered);
    let loaded = feed.on_snapshot(&snapshot(5, &[]), NOW);
    assert_eq!(loaded, SnapshotOutcome::Loaded { waiting: 1, dropped: 0 });
    let gap = DiffOutcome::Gap { expected: UpdateId(11), got: UpdateId(12) };
    assert_eq!(feed.on_diff(&diff(12, 20, &[]), NOW), gap);
    assert_eq!((feed.catch_up(), feed.needs_snapshot(), feed.gaps()), (None, true, 1));
    assert_eq!(feed.book().best_bid(), None);
}

#[test]
fn a_diff_that_begins_right_after_the_snapshot_continues_it() {
    let mut feed = spot();
    assert_eq!(feed.on_diff(&diff(219, 224, &[]), NOW), DiffOutcome::Buffered);
    assert_eq!(load(&mut feed, &snapshot(218, &[])).0, SnapshotOutcome::Loaded { waiting: 1, dropped: 0 });
}

#[test]
fn a_snapshot_older_than_the_first_diff_is_refused_and_the_diffs_wait_on() {
    let mut feed = spot();
    assert_eq!(feed.on_diff(&diff(220, 224, &[]), NOW), DiffOutcome::Buffered);
    let too_old = SnapshotOutcome::TooOld { snapshot: UpdateId(218), first: UpdateId(220) };
    assert_eq!(load(&mut feed, &snapshot(218, &[Level::new(1, 1)])).0, too_old);
    assert!(feed.needs_snapshot());
    assert_eq!(feed.buffered_diffs(), 1);
    assert_eq!(load(&mut feed, &snapshot(222, &[])).0, SnapshotOutcome::Loaded { waiting: 1, dropped: 0 });
}

#[test]
fn a_snapshot_newer_than_all_that_waits_is_the_book_and_the_next_diff_must_bracket_it() {
    let mut feed = spot();
    assert_eq!(feed.on_diff(&diff(1, 10, &[]), NOW), DiffOutcome::Buffered);
    assert_eq!(load(&mut feed, &snapshot(25, &[])).0, SnapshotOutcome::Loaded { waiting: 0, dropped: 0 });
    assert_eq!(feed.on_diff(&diff(11, 20, &[Level::new(1, 1)]), NOW), DiffOutcome::Ignored);
    assert_eq!(feed.on_diff(&diff(21, 30, &[Level::new(2, 1)]), NOW), applied(1));
    assert_eq!(feed.on_diff(&diff(31, 40, &[]), NOW), applied(0));
    assert_eq!(feed.book().level_count(Side::Buy), 1);
}

#[test]
fn a_diff_beyond_the_snapshot_is_a_gap() {
    let mut feed = spot();
    assert_eq!(load(&mut feed, &snapshot(25, &[])).0, SnapshotOutcome::Loaded { waiting: 0, dropped: 0 });
    let gap = DiffOutcome::Gap { expected: UpdateId(26), got: UpdateId(27) };
    assert_eq!(feed.on_diff(&diff(27, 30, &[]), NOW), gap);
    assert!(feed.needs_snapshot());
}

#[test]
fn a_gap_empties_the_book_and_the_feed_synchronises_again() {
    let mut feed = spot();
    assert_eq!(
        load(&mut feed, &snapshot(10, &[Level::new(1, 1)])).0,
        SnapshotOutcome::Loaded { waiting: 0, dropped: 0 }
    );
    assert_eq!(feed.on_diff(&diff(11, 20, &[]), NOW), applied(0));
    let gap = DiffOutcome::Gap { expected: UpdateId(21), got: UpdateId(22) };
    assert_eq!(feed.on_diff(&diff(22, 30, &[Level::new(3, 3)]), NOW), gap);
    assert_eq!((feed.gaps(), feed.update_id(), feed.book().best_bid()), (1, None, None));
    assert!(feed.is_stale(NOW, i64::MAX));
    assert_eq!(feed.on_diff(&diff(31, 40, &[]), NOW), DiffOutcome::Buffered);
    let (outcome, ids) = load(&mut feed, &snapshot(25, &[Level::new(2, 2)]));
    assert_eq!(outcome, SnapshotOutcome::Loaded { waiting: 2, dropped: 0 });
    assert_eq!(ids, [30, 40]);
    assert_eq!(feed.book().best_bid(), Some(Level::new(3, 3)));
}

#[test]
fn a_gap_among_the_diffs_that_wait_starts_the_buffer_over() {
    let mut feed = spot();
    assert_eq!(feed.on_diff(&diff(1, 10, &[]), NOW), DiffOutcome::Buffered);
    let gap = DiffOutcome::Gap { expected: UpdateId(11), got: UpdateId(15) };
    assert_eq!(feed.on_diff(&diff(15, 20, &[]), NOW), gap);
    assert_eq!((feed.buffered_diffs(), feed.gaps()), (1, 1));
    let too_old = SnapshotOutcome::TooOld { snapshot: UpdateId(10), first: UpdateId(15) };
    assert_eq!(load(&mut feed, &snapshot(10, &[])).0, too_old);
}

#[test]
fn a_full_buffer_is_dropped_by_name_and_begins_again() {
    let mut feed = spot();
    for id in 1..=BUFFERED_DIFFS_MAX as u64 {
        assert_eq!(feed.on_diff(&diff(id, id, &[]), NOW), DiffOutcome::Buffered);
    }
    let next = BUFFERED_DIFFS_MAX as u64 + 1;
    assert_eq!(feed.on_diff(&diff(next, next, &[]), NOW), DiffOutcome::BufferOverflow);
    assert!(feed.needs_snapshot());
    assert_eq!(feed.buffered_diffs(), 1);
    let too_old = SnapshotOutcome::TooOld { snapshot: UpdateId(5), first: UpdateId(next) };
    assert_eq!(load(&mut feed, &snapshot(5, &[])).0, too_old);
}

#[test]
fn usd_m_diffs_are_held_together_by_the_previous_id() {
    let mut feed = feed(BookSource::Diffs(Continuity::UsdM));
    let diff = |first, last, previous| Diff {
        first: UpdateId(first),
        last: UpdateId(last),
        previous: Some(UpdateId(previous)),
        bids: &[],
        asks: &[],
    };
    assert_eq!(feed.on_diff(&diff(6, 557, 1), NOW), DiffOutcome::Buffered);
    assert_eq!(feed.on_diff(&diff(801, 2_679, 557), NOW), DiffOutcome::Buffered);
    assert_eq!(load(&mut feed, &snapshot(900, &[])), (SnapshotOutcome::Loaded { waiting: 1, dropped: 0 }, vec![2_679]));
    assert_eq!(feed.on_diff(&diff(2_900, 3_000, 2_679), NOW), applied(0));
    let gap = DiffOutcome::Gap { expected: UpdateId(3_000), got: UpdateId(3_100) };
    assert_eq!(feed.on_diff(&diff(3_101, 3_200, 3_100), NOW), gap);
}

#[test]
fn a_snapshot_that_nobody_asked_for_changes_nothing() {
    let mut feed = spot();
    assert_eq!(
        load(&mut feed, &snapshot(10, &[Level::new(1, 1)])).0,
        SnapshotOutcome::Loaded { waiting: 0, dropped: 0 }
    );
    assert_eq!(load(&mut feed, &snapshot(99, &[])).0, SnapshotOutcome::NotNeeded);
    assert_eq!(feed.update_id(), Some(UpdateId(10)));
}

#[test]
fn partial_depth_replaces_the_whole_book_when_it_is_newer() {
    let mut feed = feed(BookSource::Partial);
    assert!(!feed.needs_snapshot());
    let partial = |last, bids| Partial { last: UpdateId(last), bids, asks: &[] };
    let (old, new) = ([Level::new(1, 1), Level::new(2, 2)], [Level::new(3, 3)]);
    assert_eq!(feed.on_partial(&partial(5, &old), NOW), PartialOutcome::Applied { levels: 2 });
    assert_eq!(feed.on_partial(&partial(6, &new), NOW), PartialOutcome::Applied { levels: 1 });
    assert_eq!(feed.on_partial(&partial(6, &old), NOW), PartialOutcome::Ignored);
    assert_eq!(feed.book().levels(Side::Buy).collect::<Vec<_>>(), new);
    assert_eq!(feed.on_diff(&diff(7, 7, &old), NOW), DiffOutcome::Ignored);
    assert_eq!(load(&mut feed, &snapshot(9, &old)).0, SnapshotOutcome::NotNeeded);
}

#[test]
fn the_top_is_the_newer_of_book_and_ticker_and_the_books_at_equal_age() {
    let mut feed = spot();
    assert_eq!(feed.top(), None);
    let ticker = |id, price| Ticker { update_id: UpdateId(id), bid: Level::new(price, 1), ask: Level::default() };
    assert_eq!(feed.on_ticker(&ticker(12, 100), NOW), TickerOutcome::Newer);
    assert_eq!(feed.on_ticker(&ticker(11, 90), NOW), TickerOutcome::Ignored);
    let top = feed.top().unwrap();
    assert_eq!((top.source, top.bid, top.ask), (QuoteSource::Ticker, Some(Level::new(100, 1)), None));
    assert_eq!(
        load(&mut feed, &snapshot(12, &[Level::new(99, 1)])).0,
        SnapshotOutcome::Loaded { waiting: 0, dropped: 0 }
    );
    assert_eq!(feed.top().unwrap().source, QuoteSource::Book);
    assert_eq!(feed.on_ticker(&ticker(13, 101), NOW), TickerOutcome::Newer);
    assert_eq!(feed.top().unwrap().source, QuoteSource::Ticker);
    assert_eq!(feed.on_diff(&diff(13, 14, &[]), NOW), applied(0));
    let top = feed.top().unwrap();
    assert_eq!((top.source, top.update_id), (QuoteSource::Book, UpdateId(14)));
}

#[test]
fn age_is_counted_from_the_last_that_was_heard() {
    let mut feed = spot();
    assert_eq!(feed.age_ns(NOW), None);
    assert_eq!(load(&mut feed, &snapshot(10, &[])).0, SnapshotOutcome::Loaded { waiting: 0, dropped: 0 });
    assert!(!feed.is_stale(NOW.plus(500), 500));
    assert!(feed.is_stale(NOW.plus(501), 500));
    feed.on_heartbeat(NOW.plus(400));
    assert!(!feed.is_stale(NOW.plus(501), 500));
    assert_eq!((feed.age_ns(NOW.plus(501)), feed.book_age_ns(NOW.plus(501))), (Some(101), Some(501)));
}

#[test]
fn a_reset_forgets_all_but_the_count_of_gaps() {
    let mut feed = spot();
    assert_eq!(
        feed.on_ticker(&Ticker { update_id: UpdateId(9), bid: Level::new(1, 1), ask: Level::new(2, 1) }, NOW),
        TickerOutcome::Newer
    );
    assert_eq!(
        load(&mut feed, &snapshot(10, &[Level::new(1, 1)])).0,
        SnapshotOutcome::Loaded { waiting: 0, dropped: 0 }
    );
    feed.reset();
    assert!(feed.needs_snapshot());
    assert_eq!((feed.top(), feed.age_ns(NOW), feed.gaps(), feed.book().best_bid()), (None, None, 0, None));
}

proptest! {
    #[test]
    fn wherever_the_snapshot_is_cut_and_whatever_is_lost_a_synchronised_book_is_the_venues(
        sizes in proptest::collection::vec(1u64..4, 2..60),
        open_at in 0usize..60,
        snapshot_after in 0usize..60,
        cut in any::<prop::sample::Index>(),
        lost in proptest::option::of(0usize..60),
    ) {
        // The venue's truth: update `id` sets price `id % 7` to quantity `id`.
        let truth = |until: u64| -> Vec<Level> {
            let of = |price: u64| (1..=until).rev().find(|id| id % 7 == price).map(|id| Level::new(price as i64, id as i64));
            (0..7).rev().filter_map(of).collect()
        };
        let mut next = 1;
        let diffs: Vec<(u64, u64)> = sizes.iter().map(|size| { let first = next; next += size; (first, next - 1) }).collect();
        let cut = cut.index(next as usize) as u64;
        let mut feed = spot();
        for (at, &(first, last)) in diffs.iter().enumerate().skip(open_at) {
            if at == snapshot_after && last >= cut {
                let levels = truth(cut);
                let _ = load(&mut feed, &snapshot(cut, &levels));
            }
            if Some(at) == lost {
                continue;
            }
            let levels: Vec<_> = (first..=last).map(|id| Level::new((id % 7) as i64, id as i64)).collect();
            let _ = feed.on_diff(&diff(first, last, &levels), NOW);
            if let Some(id) = feed.update_id() {
                let bids: Vec<_> = feed.book().levels(Side::Buy).collect();
                prop_assert_eq!(bids, truth(id.0));
            }
        }
    }
}
