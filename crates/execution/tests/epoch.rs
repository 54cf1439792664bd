//! The restart epoch on a real disk.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use tercel_execution::{EpochError, RestartEpoch};

fn fresh_folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("tercel-epoch-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

#[test]
fn every_start_has_the_next_epoch_and_only_the_owner_can_read_it() {
    let folder = fresh_folder("next");
    let path = folder.join("epoch");
    for expected in 1..=3 {
        let epoch = RestartEpoch::load_and_increment(&path).expect("a fresh file");
        assert_eq!(epoch.get(), expected);
    }
    let mode = fs::metadata(&path).expect("the file is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::remove_dir_all(&folder).expect("cleaning up");
}

#[test]
fn two_engines_cannot_share_a_file() {
    let folder = fresh_folder("shared");
    let path = folder.join("epoch");
    let held = RestartEpoch::load_and_increment(&path).expect("a fresh file");
    assert!(matches!(RestartEpoch::load_and_increment(&path), Err(EpochError::InUse(_))));
    drop(held);
    assert_eq!(RestartEpoch::load_and_increment(&path).map(|epoch| epoch.get()).ok(), Some(2));
    fs::remove_dir_all(&folder).expect("cleaning up");
}

#[test]
fn a_damaged_file_is_named_with_the_fix_and_left_as_it_is() {
    let folder = fresh_folder("damaged");
    let path = folder.join("epoch");
    for text in
        ["", "17", "17\n", "tercel-restart-epoch 17", "tercel-restart-epoch -1\n", "tercel-restart-epoch 4294967296\n"]
    {
        fs::write(&path, text).expect("writing the damage");
        let error = RestartEpoch::load_and_increment(&path).expect_err(text);
        assert!(matches!(error, EpochError::Corrupt(_)), "{text:?}: {error}");
        assert!(error.to_string().contains(&path.display().to_string()));
        assert_eq!(fs::read_to_string(&path).expect("still there"), text);
    }
    fs::remove_dir_all(&folder).expect("cleaning up");
}

#[test]
fn the_last_epoch_is_not_followed_by_the_first() {
    let folder = fresh_folder("last");
    let path = folder.join("epoch");
    fs::write(&path, "tercel-restart-epoch 4294967295\n").expect("writing the last epoch");
    assert!(matches!(RestartEpoch::load_and_increment(&path), Err(EpochError::Exhausted(_))));
    fs::remove_dir_all(&folder).expect("cleaning up");
}

#[test]
fn a_floor_makes_up_for_a_lost_file_and_never_lowers_the_epoch() {
    let folder = fresh_folder("floor");
    let path = folder.join("epoch");
    let epochs: Vec<u32> = [100, 50]
        .into_iter()
        .map(|floor| RestartEpoch::load_and_increment_above(&path, floor).expect("a usable file").get())
        .collect();
    assert_eq!(epochs, [101, 102]);
    fs::remove_dir_all(&folder).expect("cleaning up");
}

#[test]
fn a_folder_that_does_not_exist_is_said_to_be_the_trouble() {
    let path = fresh_folder("missing").join("nowhere").join("epoch");
    let error = RestartEpoch::load_and_increment(&path).expect_err("no folder");
    assert!(matches!(error, EpochError::Io { .. }));
    assert!(error.to_string().contains("check that the folder exists"), "{error}");
}
