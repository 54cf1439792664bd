//! The interleavings of the protocols, in models small enough to finish in seconds: all of them, or with `bounded` those
//! in which a thread is preempted at most three times.
//!
//! `RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=target/loom cargo test -p tercel-sync --release --test loom`
#![cfg(loom)]

use loom::sync::Arc;
use loom::thread;
use tercel_sync::{SeqLatch, SeqLock, spsc};

#[test]
fn single_items_arrive_once_and_in_order_around_the_end_of_the_ring() {
    loom::model(|| {
        let (mut producer, mut consumer) = spsc::channel(2);
        let producing = thread::spawn(move || {
            let mut refused = 0;
            for item in 0..3_u64 {
                if producer.push(Box::new(item)).is_err() {
                    refused += 1;
                    break;
                }
            }
            refused
        });
        let mut next = 0;
        for _ in 0..3 {
            if let Some(item) = consumer.pop() {
                assert_eq!(*item, next);
                next += 1;
            }
        }
        let refused = producing.join().unwrap();
        while let Some(item) = consumer.pop() {
            assert_eq!(*item, next);
            next += 1;
        }
        assert_eq!(next + refused, 3);
        assert!(consumer.is_abandoned());
    });
}

#[test]
fn slots_given_back_in_steps_are_not_written_before_they_were_read() {
    bounded().check(|| {
        let (mut producer, mut consumer) = spsc::channel(4);
        assert_eq!(producer.push_from((0..4_u64).map(Box::new)), 4);
        let producing = thread::spawn(move || {
            let pushed = producer.push_from((4..6).map(Box::new));
            pushed + producer.push_from((4 + pushed as u64..6).map(Box::new))
        });
        let mut next = 0;
        for _ in 0..3 {
            assert_eq!(consumer.pop().as_deref(), Some(&next));
            next += 1;
        }
        let pushed = producing.join().unwrap() as u64;
        for item in consumer.drain() {
            assert_eq!(*item, next);
            next += 1;
        }
        assert_eq!(next, 4 + pushed);
    });
}

#[test]
fn slices_arrive_whole_and_in_order_around_the_end_of_the_ring() {
    loom::model(|| {
        let (mut producer, mut consumer) = spsc::channel(4);
        assert_eq!(producer.push_slice(&[0, 1, 2]), 3);
        let producing = thread::spawn(move || producer.push_slice(&[3, 4, 5]));
        let mut items = [0_u64; 4];
        let mut next = 0;
        for _ in 0..2 {
            let count = consumer.pop_chunk(&mut items);
            for item in &items[..count] {
                assert_eq!(*item, next);
                next += 1;
            }
        }
        let pushed = producing.join().unwrap() as u64;
        for item in consumer.drain() {
            assert_eq!(item, next);
            next += 1;
        }
        assert_eq!(next, 3 + pushed);
    });
}

#[test]
fn an_abandoned_ring_shows_everything_that_was_pushed() {
    loom::model(|| {
        let (mut producer, mut consumer) = spsc::channel(2);
        let producing = thread::spawn(move || producer.push_from([1_u64, 2]));
        if consumer.is_abandoned() {
            assert_eq!(consumer.pop(), Some(1));
            assert_eq!(consumer.pop(), Some(2));
        }
        producing.join().unwrap();
    });
}

#[test]
fn items_are_dropped_whichever_end_goes_last() {
    loom::model(|| {
        let witness = Arc::new(());
        let (mut producer, mut consumer) = spsc::channel(2);
        let item = Arc::clone(&witness);
        let producing = thread::spawn(move || producer.push(item).is_ok());
        drop(consumer.pop());
        drop(consumer);
        assert!(producing.join().unwrap());
        assert_eq!(Arc::strong_count(&witness), 1);
    });
}

#[test]
fn a_sequence_lock_shows_one_reader_whole_writes_in_order() {
    bounded().check(|| {
        let (writer, reader) = SeqLock::new(&[0, 0]).split();
        let writing = thread::spawn(move || {
            writer.write(&[1, 1]);
            writer.write(&[2, 2]);
        });
        let mut newest = 0;
        for _ in 0..2 {
            let version = reader.version();
            if let Some([first, second]) = reader.try_read() {
                assert_eq!(first, second, "a mixture of two writes");
                assert!(first >= newest && first >= version, "an older write after a newer one");
                newest = first;
            }
        }
        writing.join().unwrap();
    });
}

#[test]
fn a_sequence_lock_shows_two_readers_whole_writes() {
    bounded().check(|| {
        let (writer, reader) = SeqLock::new(&[0, 0]).split();
        let readers = [reader.clone(), reader].map(|reader| {
            thread::spawn(move || {
                if let Some([first, second]) = reader.try_read() {
                    assert_eq!(first, second, "a mixture of two writes");
                }
            })
        });
        writer.write(&[1, 1]);
        for reader in readers {
            reader.join().unwrap();
        }
    });
}

#[test]
fn a_reader_that_waits_for_a_sequence_lock_gets_a_whole_write() {
    bounded().check(|| {
        let (writer, reader) = SeqLock::new(&[0, 0]).split();
        let writing = thread::spawn(move || writer.write(&[1, 1]));
        let [first, second] = reader.read();
        assert_eq!(first, second);
        writing.join().unwrap();
        assert_eq!(reader.read(), [1, 1]);
    });
}

#[test]
fn a_sequence_latch_shows_whole_writes_in_order() {
    bounded().check(|| {
        let (writer, reader) = SeqLatch::new(&[0, 0]).split();
        let writing = thread::spawn(move || {
            writer.write(&[1, 1]);
            writer.write(&[2, 2]);
        });
        let mut newest = 0;
        for _ in 0..2 {
            let [first, second] = reader.read();
            assert_eq!(first, second, "a mixture of two writes");
            assert!(first >= newest, "an older write after a newer one");
            newest = first;
        }
        writing.join().unwrap();
        assert_eq!(reader.read(), [2, 2]);
    });
}

/// A search over the interleavings with at most three preemptions. It is not exhaustive: unbounded, the models that use
/// it did not finish in minutes.
fn bounded() -> loom::model::Builder {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model
}
