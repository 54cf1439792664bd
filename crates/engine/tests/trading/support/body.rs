//! Answers of REST, as the main thread hands them over.

use super::frames::levels;

/// Body of `GET /api/v3/depth`.
pub fn snapshot(last: u64, bids: &[(&str, &str)], asks: &[(&str, &str)]) -> String {
    format!(r#"{{"lastUpdateId":{last},"bids":{},"asks":{}}}"#, levels(bids), levels(asks))
}

/// A list of bodies.
pub fn list(bodies: &[String]) -> String {
    format!("[{}]", bodies.join(","))
}

/// One order of `GET /api/v3/openOrders`: a buy of 0.01 BTC at 59,000.
#[derive(Clone, Copy, Debug)]
pub struct OpenOrderBody<'a> {
    /// Its client order id.
    pub order: &'a str,
    /// The venue's id.
    pub order_id: u64,
    /// Its status.
    pub status: &'a str,
    /// What was executed of it.
    pub executed: &'a str,
}

/// One trade of `GET /api/v3/myTrades`: a buy.
#[derive(Clone, Copy, Debug)]
pub struct TradeBody<'a> {
    /// The trade's id.
    pub id: u64,
    /// The venue's id of the order.
    pub order_id: u64,
    /// At which price.
    pub price: &'a str,
    /// How much.
    pub quantity: &'a str,
    /// Commission and its asset.
    pub commission: (&'a str, &'a str),
}

impl OpenOrderBody<'_> {
    /// As REST writes it.
    pub fn body(&self) -> String {
        let Self { order, order_id, status, executed } = self;
        format!(
            r#"{{"symbol":"BTCUSDT","orderId":{order_id},"orderListId":-1,"clientOrderId":"{order}","price":"59000.00000000","origQty":"0.01000000","executedQty":"{executed}","cummulativeQuoteQty":"0.0","status":"{status}","timeInForce":"GTC","type":"LIMIT","side":"BUY","stopPrice":"0.0","icebergQty":"0.0","time":1723161255000,"updateTime":1723161255000,"isWorking":true,"origQuoteOrderQty":"0.0"}}"#
        )
    }
}

impl TradeBody<'_> {
    /// As REST writes it.
    pub fn body(&self) -> String {
        let Self { id, order_id, price, quantity, commission: (commission, asset) } = self;
        format!(
            r#"{{"symbol":"BTCUSDT","id":{id},"orderId":{order_id},"orderListId":-1,"price":"{price}","qty":"{quantity}","quoteQty":"0","commission":"{commission}","commissionAsset":"{asset}","time":1723161255341,"isBuyer":true,"isMaker":true,"isBestMatch":true}}"#
        )
    }
}
