//! The answer of `GET /api/v3/depth` and `/fapi/v1/depth`.

use tercel_types::{Level, UpdateId};

use super::Scales;
use super::error::{WireError, WireErrorKind};
use super::levels::{Bounded, LevelRule, careful_levels, quick_levels};
use super::scanner::Cursor;

/// The most levels a side that a snapshot may have: the venue's own limit.
pub const SNAPSHOT_LEVELS_MAX: usize = 5_000;

/// Reads a depth snapshot, spot or USD-M, into `bids` and `asks` (whose old contents go) and returns its update id.
/// With room for [`SNAPSHOT_LEVELS_MAX`] levels in both, nothing is allocated.
///
/// # Errors
/// [`WireError`] says what is wrong with the body and where; the vectors then hold a part of the levels.
pub fn parse_depth_snapshot(
    body: &[u8],
    bids: &mut Vec<Level>,
    asks: &mut Vec<Level>,
    scales: Scales,
) -> Result<UpdateId, WireError> {
    let mut cursor = Cursor::new(body, 0);
    let mut update_id = None;
    let (mut has_bids, mut has_asks) = (false, false);
    cursor.object(|cursor, key| {
        match key {
            b"lastUpdateId" => update_id = Some(UpdateId(cursor.unsigned()?)),
            b"bids" => {
                has_bids = true;
                read_side(body, cursor, scales, bids)?;
            }
            b"asks" => {
                has_asks = true;
                read_side(body, cursor, scales, asks)?;
            }
            _ => cursor.skip()?,
        }
        Ok(())
    })?;
    cursor.finish()?;
    let missing = |field| WireError::new(WireErrorKind::MissingField(field), body.len());
    if !has_bids {
        return Err(missing("bids"));
    }
    if !has_asks {
        return Err(missing("asks"));
    }
    update_id.ok_or(missing("lastUpdateId"))
}

fn read_side<'a>(
    body: &'a [u8],
    cursor: &mut Cursor<'a>,
    scales: Scales,
    levels: &mut Vec<Level>,
) -> Result<(), WireError> {
    let mut sink = Bounded { levels, most: SNAPSHOT_LEVELS_MAX };
    if let Some(end) = quick_levels(body, cursor.offset(), LevelRule::new(scales), &mut sink) {
        *cursor = Cursor::new(body, end);
        return Ok(());
    }
    careful_levels(cursor, scales, &mut sink)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALES: Scales = Scales { price: 2, quantity: 5 };

    #[test]
    fn a_snapshot_is_read_in_any_order_of_fields() {
        let (mut bids, mut asks) = (vec![Level::default()], Vec::new());
        for body in [
            r#"{"lastUpdateId":7,"bids":[["4.00000000","431.00000000"]],"asks":[]}"#,
            r#"{"E":1,"T":2, "asks": [ ], "bids" : [ [ "4.0" , "431" , [] ] ], "lastUpdateId":7 }"#,
        ] {
            assert_eq!(parse_depth_snapshot(body.as_bytes(), &mut bids, &mut asks, SCALES), Ok(UpdateId(7)));
            assert_eq!(bids, [Level::new(400, 43_100_000)]);
            assert!(asks.is_empty());
        }
    }

    #[test]
    fn a_missing_side_is_named() {
        let body = br#"{"lastUpdateId":7,"bids":[]}"#;
        let error = parse_depth_snapshot(body, &mut Vec::new(), &mut Vec::new(), SCALES);
        assert_eq!(error, Err(WireError::new(WireErrorKind::MissingField("asks"), body.len())));
    }

    #[test]
    fn more_levels_than_the_venue_may_send_are_refused() {
        let level = r#"["4.00000000","1.00000000"]"#;
        let side = vec![level; SNAPSHOT_LEVELS_MAX + 1].join(",");
        let body = format!(r#"{{"lastUpdateId":7,"bids":[{side}],"asks":[]}}"#);
        let error = parse_depth_snapshot(body.as_bytes(), &mut Vec::new(), &mut Vec::new(), SCALES);
        assert_eq!(error.map_err(|error| error.kind), Err(WireErrorKind::TooManyLevels));
    }
}
