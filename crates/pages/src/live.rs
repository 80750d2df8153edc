//! Pieces of a page that change by themselves, as server-sent events.

use std::{convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use futures_util::stream;
use maud::Markup;

/// After so many looks the browser asks again, and has to show again whose page it is.
const LOOKS: u32 = 200;

/// How often a page hears that it is still told.
const BEAT: Duration = Duration::from_secs(2);

/// The piece now, and again whenever it has changed, looked at so often.
pub(crate) fn live<F>(every: Duration, piece: impl FnMut() -> F + Send + 'static) -> Response
where
    F: Future<Output = Markup> + Send + 'static,
{
    // What pages hear while nothing changes: without it for a while, they know nothing.
    let beat = KeepAlive::new().interval(BEAT).event(Event::default().event("beat").data(""));
    Sse::new(changes(every, LOOKS, piece)).keep_alive(beat).into_response()
}

fn changes<F>(
    every: Duration,
    looks: u32,
    piece: impl FnMut() -> F + Send,
) -> impl stream::Stream<Item = Result<Event, Infallible>> + Send
where
    F: Future<Output = Markup> + Send,
{
    stream::unfold((piece, String::new(), looks), move |(mut piece, mut shown, mut left)| async move {
        while left > 0 {
            left -= 1;
            let now = piece().await.into_string();
            if now != shown {
                shown.clone_from(&now);
                // An event ends at a line's end.
                let event = Event::default().data(now.replace(['\r', '\n'], " "));
                return Some((Ok(event), (piece, shown, left)));
            }
            tokio::time::sleep(every).await;
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;
    use maud::html;

    use super::*;

    #[tokio::test]
    async fn a_piece_is_sent_when_it_changes_and_not_for_ever() {
        let mut looks = 0;
        let piece = move || {
            looks += 1;
            async move {
                html! { p { (looks / 3) } }
            }
        };
        let sent = changes(Duration::ZERO, 7, piece).count().await;
        assert_eq!(sent, 3, "of looks 1 to 7: 0, 1 and 2");
    }
}
