//! The ring against a queue that is obviously right.
#![cfg(not(loom))]

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use proptest::prelude::*;
use tercel_sync::spsc;

#[derive(Clone, Debug)]
enum Step {
    Push(u32),
    PushSlice(Vec<u32>),
    PushFrom(Vec<u32>),
    Pop,
    PopChunk(usize),
    ReadChunk { limit: usize, committed: usize },
    Peek,
    Drain,
}

fn step() -> impl Strategy<Value = Step> {
    let items = || proptest::collection::vec(any::<u32>(), 0..12);
    prop_oneof![
        any::<u32>().prop_map(Step::Push),
        items().prop_map(Step::PushSlice),
        items().prop_map(Step::PushFrom),
        Just(Step::Pop),
        (0..12_usize).prop_map(Step::PopChunk),
        (0..12_usize, 0..12_usize).prop_map(|(limit, committed)| Step::ReadChunk { limit, committed }),
        Just(Step::Peek),
        Just(Step::Drain),
    ]
}

proptest! {
    #[test]
    fn every_sequence_of_calls_gives_what_a_queue_gives(capacity in 1_usize..9, steps in proptest::collection::vec(step(), 0..200)) {
        let (mut producer, mut consumer) = spsc::channel(capacity);
        let capacity = capacity.next_power_of_two();
        let mut model = VecDeque::new();
        for step in steps {
            let free = capacity - model.len();
            match step {
                Step::Push(item) if free > 0 => {
                    prop_assert_eq!(producer.push(item), Ok(()));
                    model.push_back(item);
                }
                Step::Push(item) => prop_assert_eq!(producer.push(item), Err(item)),
                Step::PushSlice(items) => {
                    prop_assert_eq!(producer.push_slice(&items), items.len().min(free));
                    model.extend(items.iter().take(free));
                }
                Step::PushFrom(items) => {
                    prop_assert_eq!(producer.push_from(items.iter().copied()), items.len().min(free));
                    model.extend(items.iter().take(free));
                }
                Step::Pop => prop_assert_eq!(consumer.pop(), model.pop_front()),
                Step::PopChunk(length) => {
                    let mut items = vec![0; length];
                    let count = consumer.pop_chunk(&mut items);
                    let expected: Vec<u32> = model.drain(..length.min(model.len())).collect();
                    prop_assert_eq!(&items[..count], &expected[..]);
                }
                Step::ReadChunk { limit, committed } => {
                    let chunk = consumer.read_chunk(limit);
                    prop_assert_eq!(chunk.len(), limit.min(model.len()));
                    let (first, second) = chunk.as_slices();
                    prop_assert!(first.iter().chain(second).eq(model.iter().take(limit)));
                    let committed = committed.min(chunk.len());
                    chunk.commit(committed);
                    model.drain(..committed);
                }
                Step::Peek => prop_assert_eq!(consumer.peek(), model.front()),
                Step::Drain => {
                    let items = consumer.drain();
                    prop_assert_eq!(items.len(), model.len());
                    prop_assert!(items.eq(model.drain(..)));
                }
            }
            prop_assert_eq!(producer.free_slots(), capacity - model.len());
            prop_assert_eq!(consumer.filled_slots(), model.len());
            prop_assert_eq!(consumer.is_empty(), model.is_empty());
        }
    }
}

#[test]
fn a_capacity_is_rounded_up_to_a_power_of_two_and_is_at_least_one() {
    for (asked, given) in [(0, 1), (1, 1), (2, 2), (3, 4), (1000, 1024)] {
        let (producer, consumer) = spsc::channel::<u8>(asked);
        assert_eq!((producer.capacity(), consumer.capacity()), (given, given));
    }
}

#[test]
#[should_panic(expected = "exceeds half the address range")]
fn a_capacity_beyond_the_address_range_is_refused() {
    drop(spsc::channel::<()>(usize::MAX));
}

#[test]
fn items_without_size_are_counted_like_others() {
    let (mut producer, mut consumer) = spsc::channel(2);
    assert_eq!(producer.push_slice(&[(), (), ()]), 2);
    assert_eq!(consumer.pop_chunk(&mut [(); 3]), 2);
    assert_eq!(consumer.pop(), None);
}

#[test]
fn items_left_in_the_ring_are_dropped_with_it() {
    let witness = Arc::new(());
    let (mut producer, mut consumer) = spsc::channel(4);
    for _ in 0..4 {
        producer.push(Arc::clone(&witness)).unwrap();
    }
    drop(consumer.pop());
    consumer.read_chunk(2).commit(1);
    producer.push(Arc::clone(&witness)).unwrap();
    assert_eq!(Arc::strong_count(&witness), 4);
    drop((producer, consumer));
    assert_eq!(Arc::strong_count(&witness), 1);
}

#[test]
fn slots_of_a_large_ring_come_back_in_steps_and_all_when_everything_was_read() {
    let (mut producer, mut consumer) = spsc::channel(256);
    assert_eq!(producer.push_from(0..256), 256);
    let free: Vec<usize> = (0..8).map(|_| consumer.pop().map_or(0, |_| producer.free_slots())).collect();
    assert_eq!(free, [0, 0, 0, 4, 4, 4, 4, 8]);
    assert_eq!(consumer.drain().count(), 248);
    assert_eq!(producer.free_slots(), 256);
}

#[test]
fn items_popped_from_a_large_ring_are_not_dropped_again_with_it() {
    let witness = Arc::new(());
    let (mut producer, mut consumer) = spsc::channel(256);
    assert_eq!(producer.push_from((0..10).map(|_| Arc::clone(&witness))), 10);
    let popped = consumer.pop();
    drop((producer, consumer));
    assert_eq!(Arc::strong_count(&witness), 2);
    drop(popped);
}

#[test]
fn a_chunk_dropped_without_commit_leaves_its_items_in_the_ring() {
    let (mut producer, mut consumer) = spsc::channel(4);
    producer.push_slice(&[1, 2]);
    assert_eq!(consumer.read_chunk(2).len(), 2);
    assert_eq!(consumer.drain().collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn an_iterator_is_not_asked_for_an_item_that_has_no_slot() {
    let (mut producer, mut consumer) = spsc::channel(2);
    let mut source = 1..=5;
    assert_eq!(producer.push_from(&mut source), 2);
    assert_eq!(source.next(), Some(3));
    assert_eq!(consumer.drain().collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_dropped_end_is_seen_by_the_other_and_its_items_stay() {
    let (mut producer, mut consumer) = spsc::channel(2);
    assert!(!producer.is_abandoned() && !consumer.is_abandoned());
    producer.push(1).unwrap();
    drop(producer);
    assert!(consumer.is_abandoned());
    assert_eq!(consumer.pop(), Some(1));

    let (producer, consumer) = spsc::channel::<Rc<()>>(2);
    drop(consumer);
    assert!(producer.is_abandoned());
}

#[test]
fn two_threads_hand_over_every_item_in_order_by_every_call() {
    const ITEMS: u64 = 300_000;
    let (mut producer, mut consumer) = spsc::channel(64);
    let producing = std::thread::spawn(move || {
        let mut next = 0;
        while next < ITEMS {
            let block: [u64; 7] = std::array::from_fn(|index| next + index as u64);
            let pushed = match next % 3 {
                0 => usize::from(producer.push(next).is_ok()),
                1 => producer.push_slice(&block),
                _ => producer.push_from(block),
            };
            if pushed == 0 {
                std::thread::yield_now();
            }
            next += pushed as u64;
        }
        next
    });
    let mut expected = 0;
    let mut block = [0; 5];
    let mut turn = 0_u64;
    while expected < ITEMS || !consumer.is_abandoned() || !consumer.is_empty() {
        if consumer.is_empty() {
            std::thread::yield_now();
        }
        let mut check = |item: u64| {
            assert_eq!(item, expected);
            expected += 1;
        };
        match turn % 3 {
            0 => consumer.pop().into_iter().for_each(&mut check),
            1 => {
                let count = consumer.pop_chunk(&mut block);
                block[..count].iter().copied().for_each(&mut check);
            }
            _ => {
                let chunk = consumer.read_chunk(9);
                let (first, second) = chunk.as_slices();
                first.iter().chain(second).copied().for_each(&mut check);
                chunk.commit_all();
            }
        }
        turn += 1;
    }
    assert_eq!(producing.join().unwrap(), expected);
}
