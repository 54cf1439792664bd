//! Captures that are cut, malformed, mixed, or finer than they began.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::path::{Path, PathBuf};
use tercel_engine::replay::{CaptureKind, ReplayError, replay_files};

const SNAPSHOT: &str =
    r#"{"lastUpdateId":10,"bids":[["100.10000000","1.00000000"]],"asks":[["100.30000000","2.00000000"]]}"#;

fn diff(first: u64, last: u64, bids: &str, asks: &str) -> String {
    format!(
        r#"{{"stream":"aaabbb@depth@100ms","data":{{"e":"depthUpdate","E":1,"s":"AAABBB","U":{first},"u":{last},"b":[{bids}],"a":[{asks}]}}}}"#
    )
}

fn usd_m_diff(first: u64, last: u64, previous: u64, bids: &str) -> String {
    format!(
        r#"{{"stream":"aaabbb@depth@0ms","data":{{"e":"depthUpdate","E":1,"T":1,"s":"AAABBB","U":{first},"u":{last},"pu":{previous},"b":[{bids}],"a":[]}}}}"#
    )
}

fn text(frames: &[&str]) -> String {
    frames.iter().enumerate().map(|(at, frame)| format!("{} {frame}\n", 1_723_161_253_937_085_768 + at)).collect()
}

fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// The rows of the best prices, without the header.
fn rows(paths: &[PathBuf], name: &str) -> Vec<String> {
    let csv = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    replay_files(paths, Some(&csv), |_| {}).unwrap();
    std::fs::read_to_string(csv).unwrap().lines().skip(1).map(str::to_owned).collect()
}

fn error(paths: &[PathBuf]) -> ReplayError {
    replay_files(paths, None, |_| {}).unwrap_err()
}

#[test]
fn a_capture_is_read_plain_or_compressed_and_in_pieces() {
    let first = text(&[&diff(5, 9, "", ""), &diff(10, 11, r#"["100.20000000","3.50000000"]"#, ""), SNAPSHOT]);
    let second = text(&[&diff(12, 12, "", r#"["100.30000000","0.00000000"]"#)]);
    let expected = ["11,100.2,3.5,100.3,2", "12,100.2,3.5,,"];
    let plain = [file("pieces_1.txt", first.as_bytes()), file("pieces_2.txt", second.trim_end().as_bytes())];
    assert_eq!(rows(&plain, "pieces_plain.csv"), expected);
    let compressed = [file("pieces_1.gz", &gzip(&first)), file("pieces_2.gz", &gzip(&second))];
    assert_eq!(rows(&compressed, "pieces_gzip.csv"), expected);
    let members = file("members.gz", &[gzip(&first), gzip(&second)].concat());
    assert_eq!(rows(&[members], "pieces_members.csv"), expected);
}

#[test]
fn a_price_finer_than_the_tick_and_than_the_scale_is_kept_exactly() {
    let mut frames = vec![
        r#"{"lastUpdateId":10,"E":1,"T":1,"bids":[["100.10","1.000"]],"asks":[["100.30","2.000"]]}"#.to_owned(),
        usd_m_diff(5, 10, 4, r#"["100.00","1.000"]"#),
    ];
    // Past the part that the scales are taken from.
    frames.extend((0..600).map(|at| usd_m_diff(11 + at, 11 + at, 10 + at, r#"["100.00","1.000"]"#)));
    frames.push(usd_m_diff(700, 700, 610, r#"["100.15","1.000"]"#));
    frames.push(usd_m_diff(701, 701, 700, r#"["100.150025","0.0000005"]"#));
    let lines: Vec<_> = frames.iter().map(String::as_str).collect();
    let rows = rows(&[file("finer.txt", text(&lines).as_bytes())], "finer.csv");
    assert_eq!(rows.len(), 603);
    assert_eq!(rows[600..], ["610,100.1,1,100.3,2", "700,100.15,1,100.3,2", "701,100.150025,0.0000005,100.3,2"]);
}

#[test]
fn a_gap_is_counted_and_what_follows_waits_for_the_next_snapshot() {
    let later = SNAPSHOT.replace("\"lastUpdateId\":10", "\"lastUpdateId\":21");
    let lost =
        [SNAPSHOT, &diff(11, 12, "", ""), &diff(14, 20, "", ""), &diff(21, 22, "", ""), &later, &diff(23, 23, "", "")];
    let path = file("gap.txt", text(&lost).as_bytes());
    let summary = replay_files(std::slice::from_ref(&path), None, |_| {}).unwrap();
    assert_eq!((summary.kind, summary.gaps, summary.depth_diffs, summary.applied), (CaptureKind::Spot, 1, 4, 3));
    let ids: Vec<_> = rows(&[path], "gap.csv").iter().map(|row| row.split(',').next().unwrap().to_owned()).collect();
    assert_eq!(ids, ["12", "22", "23"]);
}

#[test]
fn a_malformed_line_is_named_with_its_file_and_number() {
    let path = file(
        "malformed.txt",
        text(&[SNAPSHOT, &diff(11, 12, "", ""), "{\"stream\":\"aaabbb@depth\",\"data\":{"]).as_bytes(),
    );
    let error = error(&[path]);
    assert!(matches!(error, ReplayError::Malformed { .. }));
    let error = error.to_string();
    assert!(error.contains("malformed.txt, line 3"), "{error}");
}

#[test]
fn a_line_without_a_time_is_named() {
    let error = error(&[file("timeless.txt", format!("{}\n", diff(1, 1, "", "")).as_bytes())]);
    assert!(matches!(&error, ReplayError::NoReceiveTime { place } if place.line == 1), "{error}");
}

#[test]
fn a_truncated_archive_is_named_with_the_line_where_it_ends() {
    let diffs: Vec<_> =
        (11..5_000).map(|id| diff(id, id, &format!(r#"["{id}.10000000","{id}.7{id}0000"]"#), "")).collect();
    let lines: Vec<_> = std::iter::once(SNAPSHOT).chain(diffs.iter().map(String::as_str)).collect();
    let whole = gzip(&text(&lines));
    let error = error(&[file("truncated.gz", &whole[..whole.len() / 2])]);
    assert!(matches!(&error, ReplayError::Truncated { place } if place.line > 1), "{error}");
    assert!(error.to_string().contains("truncated.gz, line "), "{error}");
}

#[test]
fn a_capture_without_a_snapshot_or_with_one_too_old_says_so() {
    let diff = diff(15, 16, "", "");
    assert!(
        matches!(error(&[file("bare.txt", text(&[&diff]).as_bytes())]), ReplayError::NoSnapshot { place } if place.line == 1)
    );
    let too_old = error(&[file("old.txt", text(&[&diff, SNAPSHOT]).as_bytes())]);
    assert!(matches!(too_old, ReplayError::SnapshotTooOld { snapshot: 10, first: 15, place } if place.line == 2));
}

#[test]
fn markets_and_instruments_are_not_mixed() {
    let spot = diff(11, 12, "", "");
    let mixed = error(&[file("mixed.txt", text(&[SNAPSHOT, &spot, &usd_m_diff(13, 13, 12, "")]).as_bytes())]);
    assert!(matches!(mixed, ReplayError::MixedMarkets { place } if place.line == 3));
    let other = spot.replace("aaabbb", "cccddd").replace("AAABBB", "CCCDDD");
    let other = error(&[file("other.txt", text(&[SNAPSHOT, &spot, &other]).as_bytes())]);
    assert!(matches!(&other, ReplayError::OtherInstrument { found, .. } if found == "CCCDDD"), "{other}");
}

#[test]
fn a_missing_file_or_none_at_all_is_said_plainly() {
    assert!(matches!(error(&[]), ReplayError::NoFiles));
    let error = error(&[PathBuf::from("no/such/capture.gz")]).to_string();
    assert!(error.contains("no/such/capture.gz"), "{error}");
}
