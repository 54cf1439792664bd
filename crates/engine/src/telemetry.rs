//! The side thread: takes stage times off the trading thread's hands, watches its heartbeat and keeps the clock true.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tercel_clock::{Calibrator, STAGES, Stage, StageTable};
use tercel_sync::spsc;
use tercel_types::Nanos;

use crate::control::Control;
use crate::silence::Silence;

/// How many records can wait for the side thread. At the bound new ones are dropped and counted.
pub const CAPACITY: usize = 1 << 16;

/// How often the side thread looks, so that it takes next to nothing from a machine with two cores.
const PERIOD: Duration = Duration::from_millis(2);

/// How often the clock is compared with the kernel's.
const CALIBRATION_PERIOD: Duration = Duration::from_secs(1);

/// As how much silence of the worker the time between two looks counts at most, in nanoseconds: after a pause of the whole
/// process, such as a Ctrl-Z, the worker gets its turn before it counts as hanging.
const LOOK_NS_MAX: i64 = 4_000_000;

/// The most records recorded while the table is locked.
const CHUNK: usize = 256;

const ABSENT: u32 = u32::MAX;

/// The stage times of one packet or of one order, in nanoseconds; stages that did not happen are absent.
#[derive(Clone, Copy, Debug)]
pub struct StageRecord {
    durations_ns: [u32; STAGES.len()],
}

impl StageRecord {
    /// Nothing measured.
    pub const EMPTY: Self = Self { durations_ns: [ABSENT; STAGES.len()] };

    /// Notes a stage. Negative durations (two clocks that disagree) count as zero, those beyond four seconds as four.
    #[inline]
    pub fn set(&mut self, stage: Stage, duration_ns: i64) {
        self.durations_ns[stage as usize] = duration_ns.clamp(0, i64::from(ABSENT - 1)) as u32;
    }

    /// What was noted for a stage.
    #[must_use]
    pub fn get(&self, stage: Stage) -> Option<u32> {
        Some(self.durations_ns[stage as usize]).filter(|&duration| duration != ABSENT)
    }
}

/// Handle of the side thread; dropping it ends the thread.
#[derive(Debug)]
pub struct SideThread {
    table: Arc<Mutex<StageTable>>,
    ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl SideThread {
    /// Starts the thread.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(
        records: spsc::Consumer<StageRecord>,
        control: Arc<Control>,
        calibrator: Calibrator,
        watchdog_ns: i64,
    ) -> std::io::Result<Self> {
        let table = Arc::new(Mutex::new(StageTable::new()));
        let ending = Arc::new(AtomicBool::new(false));
        let calibrated = Instant::now();
        let mut side = Side {
            records,
            table: Arc::clone(&table),
            control,
            calibrator,
            calibrated,
            watchdog_ns,
            beat: Nanos(0),
            silence: Silence::default(),
        };
        let flag = Arc::clone(&ending);
        let thread = std::thread::Builder::new().name("tercel-side".into()).spawn(move || {
            // Relaxed: the flag carries no other data, and the join below orders everything after the end.
            while !flag.load(Ordering::Relaxed) {
                side.step();
                std::thread::sleep(PERIOD);
            }
            side.record();
        })?;
        Ok(Self { table, ending, thread: Some(thread) })
    }

    /// The table as it is now.
    pub fn table(&self) -> MutexGuard<'_, StageTable> {
        // A table is whole after every record, so one that a panicking reader left behind is still good.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the thread after everything that waits was recorded.
    pub fn end(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // The thread has nothing to say; a panic in it was reported by the panic hook already.
            let _ = thread.join();
        }
    }
}

impl Drop for SideThread {
    fn drop(&mut self) {
        self.end();
    }
}

struct Side {
    records: spsc::Consumer<StageRecord>,
    table: Arc<Mutex<StageTable>>,
    control: Arc<Control>,
    calibrator: Calibrator,
    calibrated: Instant,
    watchdog_ns: i64,
    /// The heartbeat as of the last look, and for how long there was no other.
    beat: Nanos,
    silence: Silence,
}

impl Side {
    fn step(&mut self) {
        self.record();
        self.watch();
        if self.calibrated.elapsed() >= CALIBRATION_PERIOD {
            self.calibrated = Instant::now();
            // What it found is of no interest as long as it is made up for.
            let _ = self.calibrator.recalibrate();
        }
    }

    fn record(&mut self) {
        let mut chunk = [StageRecord::EMPTY; CHUNK];
        loop {
            let taken = self.records.pop_chunk(&mut chunk);
            if taken == 0 {
                return;
            }
            let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
            for record in &chunk[..taken] {
                for stage in STAGES {
                    if let Some(duration_ns) = record.get(stage) {
                        table.record(stage, i64::from(duration_ns));
                    }
                }
            }
        }
    }

    fn watch(&mut self) {
        let beat = self.control.last_beat();
        if beat != self.beat || !self.control.worker_drives() {
            self.beat = beat;
            self.silence = Silence::default();
        } else if self.silence.look(self.calibrator.clock().now(), LOOK_NS_MAX) > self.watchdog_ns {
            self.control.mark_hung();
        }
    }
}
