//! Readers of sequence locks under a writer that never rests: no mixture, no way back.
#![cfg(not(loom))]

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tercel_sync::{SeqLatch, SeqLock};

const WORDS: usize = 24;
const WRITE_FOR: Duration = Duration::from_millis(300);

/// Words that belong together: each is the number of the write times its own odd factor.
fn words_of(write: u64) -> [u64; WORDS] {
    std::array::from_fn(|index| write.wrapping_mul(2 * index as u64 + 1))
}

/// Runs `write` until the time is over while two threads check what `read` brings, and returns how many reads there were.
fn stress<R: Fn() -> [u64; WORDS] + Send>(write: impl Fn(&[u64; WORDS]), readers: [R; 2]) -> u64 {
    let writing = AtomicBool::new(true);
    thread::scope(|scope| {
        let handles = readers.map(|read| {
            let writing = &writing;
            scope.spawn(move || {
                let (mut reads, mut newest) = (0, 0);
                while writing.load(Ordering::Relaxed) {
                    let words = read();
                    assert_eq!(words, words_of(words[0]), "a mixture of two writes");
                    assert!(words[0] >= newest, "an older write after a newer one");
                    newest = words[0];
                    reads += 1;
                }
                reads
            })
        });
        let start = Instant::now();
        let mut number = 0;
        while start.elapsed() < WRITE_FOR {
            for _ in 0..100 {
                number += 1;
                write(&words_of(number));
            }
        }
        writing.store(false, Ordering::Relaxed);
        handles.map(|handle| handle.join().unwrap()).iter().sum()
    })
}

#[test]
fn a_sequence_lock_never_shows_a_mixture_or_goes_back() {
    let (writer, reader) = SeqLock::new(&words_of(0)).split();
    let readers = [reader.clone(), reader].map(|reader| move || reader.read());
    assert!(stress(|words| writer.write(words), readers) > 0);
}

#[test]
fn a_sequence_latch_never_shows_a_mixture_or_goes_back() {
    let (writer, reader) = SeqLatch::new(&words_of(0)).split();
    let readers = [reader.clone(), reader].map(|reader| move || reader.read());
    assert!(stress(|words| writer.write(words), readers) > 0);
}

#[test]
fn a_version_counts_the_finished_writes() {
    let (writer, reader) = SeqLock::new(&[1]).split();
    assert_eq!((reader.version(), reader.try_read()), (0, Some([1])));
    writer.write(&[2]);
    writer.write(&[3]);
    assert_eq!((writer.version(), reader.version(), reader.read()), (2, 2, [3]));
}

#[test]
fn what_is_done_during_a_latch_read_comes_back_with_its_words() {
    let (writer, reader) = SeqLatch::new(&[1]).split();
    assert_eq!(reader.read_with(|| "once"), ([1], "once"));
    let mut calls = 0;
    let (words, calls) = reader.read_with(|| {
        calls += 1;
        if calls == 1 {
            writer.write(&[2]);
        }
        calls
    });
    assert_eq!((words, calls), ([2], 2), "a write in between makes the reader look again");
}
