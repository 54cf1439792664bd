//! What the venue says, in its own format.

use super::Request;

/// A level of a side: price and quantity as the venue writes them.
type Level<'a> = (&'a str, &'a str);

/// A depth diff of updates `first..=last`.
pub fn diff(first: u64, last: u64, bids: &[Level<'_>], asks: &[Level<'_>]) -> String {
    let (bids, asks) = (levels(bids), levels(asks));
    format!(
        r#"{{"stream":"btcusdt@depth@100ms","data":{{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":{first},"u":{last},"b":{bids},"a":{asks}}}}}"#
    )
}

/// A best quote as of an update.
pub fn ticker(update: u64, bid: Level<'_>, ask: Level<'_>) -> String {
    let ((bid, bid_quantity), (ask, ask_quantity)) = (bid, ask);
    format!(
        r#"{{"stream":"btcusdt@bookTicker","data":{{"u":{update},"s":"BTCUSDT","b":"{bid}","B":"{bid_quantity}","a":"{ask}","A":"{ask_quantity}"}}}}"#
    )
}

/// A public trade.
pub fn trade(id: u64, price: &str, quantity: &str) -> String {
    format!(
        r#"{{"stream":"btcusdt@trade","data":{{"e":"trade","E":1723161255208,"s":"BTCUSDT","t":{id},"p":"{price}","q":"{quantity}","T":1723161255207,"m":true,"M":true}}}}"#
    )
}

/// Levels as a list of the venue's pairs.
pub fn levels(levels: &[Level<'_>]) -> String {
    let pairs: Vec<String> = levels.iter().map(|(price, quantity)| format!(r#"["{price}","{quantity}"]"#)).collect();
    format!("[{}]", pairs.join(","))
}

/// The bare acknowledgement of a new order.
pub fn ack(request: &Request, order_id: u64) -> String {
    let (id, order) = (request.id(), request.new_order());
    format!(
        r#"{{"id":"{id}","status":200,"result":{{"symbol":"BTCUSDT","orderId":{order_id},"orderListId":-1,"clientOrderId":"{order}","transactTime":1723161255300}}}}"#
    )
}

/// The answer to a cancel that succeeded.
pub fn cancel_ack(request: &Request, order_id: u64, executed: &str) -> String {
    let (id, order) = (request.id(), request.old_order());
    format!(
        r#"{{"id":"{id}","status":200,"result":{{"symbol":"BTCUSDT","origClientOrderId":"{order}","orderId":{order_id},"orderListId":-1,"clientOrderId":"x","transactTime":1723161255400,"price":"60000.00000000","origQty":"0.01000000","executedQty":"{executed}","status":"CANCELED","timeInForce":"GTC","type":"LIMIT","side":"BUY"}}}}"#
    )
}

/// The answer to a question about an order.
pub fn status_answer(request: &Request, order_id: u64, status: &str, executed: &str) -> String {
    let (id, order) = (request.id(), request.old_order());
    format!(
        r#"{{"id":"{id}","status":200,"result":{{"symbol":"BTCUSDT","orderId":{order_id},"orderListId":-1,"clientOrderId":"{order}","price":"60000.00000000","origQty":"0.01000000","executedQty":"{executed}","status":"{status}","timeInForce":"GTC","type":"LIMIT","side":"BUY","time":1723161255000,"updateTime":1723161255400}}}}"#
    )
}

/// A request that the venue refused, or of which it does not know what became.
pub fn refusal(request: &Request, status: u16, code: i32, message: &str) -> String {
    let id = request.id();
    format!(r#"{{"id":"{id}","status":{status},"error":{{"code":{code},"msg":"{message}"}}}}"#)
}

/// An execution report. The default is a buy of 0.01 BTC at 60,000 that the venue took.
#[derive(Clone, Debug)]
pub struct Execution<'a> {
    /// The client order id; of a cancel, the cancel's own.
    pub order: &'a str,
    /// The client order id of the order that was cancelled, else empty.
    pub original: &'a str,
    /// The venue's id of the order.
    pub order_id: u64,
    /// `BUY` or `SELL`.
    pub side: &'a str,
    /// What happened.
    pub kind: &'a str,
    /// The order's status after it.
    pub status: &'a str,
    /// The quantity and price of the fill, and its trade id.
    pub fill: Option<(&'a str, &'a str, u64)>,
    /// The cumulative quantity executed.
    pub executed: &'a str,
    /// Commission and its asset.
    pub commission: Option<(&'a str, &'a str)>,
}

impl Default for Execution<'_> {
    fn default() -> Self {
        Self {
            order: "",
            original: "",
            order_id: 1,
            side: "BUY",
            kind: "NEW",
            status: "NEW",
            fill: None,
            executed: "0.00000000",
            commission: None,
        }
    }
}

impl Execution<'_> {
    /// The report as the venue sends it.
    pub fn frame(&self) -> String {
        let Self { order, original, order_id, side, kind, status, executed, .. } = self;
        let (quantity, price, trade) = match self.fill {
            Some((quantity, price, trade)) => (quantity, price, i128::from(trade)),
            None => ("0.00000000", "0.00000000", -1),
        };
        let (commission, asset) = match self.commission {
            Some((amount, asset)) => (amount, format!(r#""{asset}""#)),
            None => ("0", "null".to_owned()),
        };
        format!(
            r#"{{"subscriptionId":0,"event":{{"e":"executionReport","E":1723161255342,"s":"BTCUSDT","c":"{order}","S":"{side}","o":"LIMIT","f":"GTC","q":"0.01000000","p":"60000.00000000","P":"0.00000000","F":"0.00000000","g":-1,"C":"{original}","x":"{kind}","X":"{status}","r":"NONE","i":{order_id},"l":"{quantity}","z":"{executed}","L":"{price}","n":"{commission}","N":{asset},"T":1723161255341,"t":{trade},"I":8641984,"w":false,"m":true,"M":false,"O":1723161255341,"Z":"0.00000000","Y":"0.00000000","Q":"0.00000000","W":1723161255341,"V":"NONE"}}}}"#
        )
    }
}
