//! The platform's own API.

use super::{App, Subscription};
use crate::systems::stamp;
use crate::{Answer, Asked, Reply};
use serde_json::{Value, json};

impl Subscription {
    /// As it is shown: the secret is not.
    fn shown(&self) -> Value {
        json!({
            "id": self.id, "url": self.url, "events": self.events, "enabled": self.enabled,
            "disabledReason": self.disabled_because, "consecutiveFailures": self.failures,
        })
    }
}

fn refuse(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, &json!({ "error": { "code": code, "message": message } }))
}

fn not_found(what: &str, id: &str) -> Reply {
    refuse(404, "not_found", &format!("No such {what}: {id}"))
}

impl App {
    pub(super) async fn answer(&self, asked: Asked) -> Answer {
        let correlation = asked.header("x-correlation-id").map_or_else(stamp::uuid, str::to_owned);
        let reply = self.route(&asked, &correlation).await;
        let date = stamp::http_date(stamp::now());
        Answer::Http(reply.with("Date", date).with("Server", "chat-platform").with("X-Correlation-Id", correlation))
    }

    async fn route(&self, asked: &Asked, correlation: &str) -> Reply {
        let parts: Vec<_> = asked.path.trim_matches('/').split('/').collect();
        let allow = match parts[..] {
            ["health" | "deliveries"] => "GET, HEAD, OPTIONS",
            ["chats"] | ["chats", _, "end"] => "POST, OPTIONS",
            ["chats", _] => "GET, HEAD, OPTIONS",
            ["subscriptions"] => "GET, HEAD, POST, OPTIONS",
            ["subscriptions", _] => "GET, HEAD, PATCH, OPTIONS",
            _ => return refuse(404, "not_found", &format!("No route for {}", asked.path)),
        };
        let method = if asked.method == "HEAD" { "GET" } else { asked.method.as_str() };
        if method == "OPTIONS" {
            return Reply::empty(204).with("Allow", allow);
        }
        if !allow.split(", ").any(|allowed| allowed == method) {
            return refuse(405, "method_not_allowed", &format!("{method} is not allowed here")).with("Allow", allow);
        }
        if parts[..] == ["health"] {
            return Reply::json(200, &json!({ "status": "ok" }));
        }
        match asked.header("authorization").and_then(|value| value.strip_prefix("Bearer ")) {
            None => {
                return refuse(401, "unauthenticated", "A bearer key is required").with("WWW-Authenticate", "Bearer");
            }
            Some(super::KEY) => {}
            Some(_) => {
                let challenge = "Bearer error=\"invalid_token\"";
                return refuse(401, "invalid_key", "This key is not known").with("WWW-Authenticate", challenge);
            }
        }
        match (method, &parts[..]) {
            ("POST", ["chats"]) => self.begin(asked, correlation).await,
            ("POST", ["chats", id, "end"]) => self.end(id, correlation),
            (_, ["chats", id]) => match self.with(|state| state.chats.get(*id).cloned()) {
                Some(chat) => Reply::json(200, &chat),
                None => not_found("chat", id),
            },
            ("POST", ["subscriptions"]) => match asked.json() {
                Some(wanted) if wanted.get("url").is_some_and(Value::is_string) => {
                    Reply::json(201, &self.subscribe(&wanted).shown())
                }
                _ => refuse(422, "invalid_subscription", "url is required"),
            },
            (_, ["subscriptions"]) => {
                let all: Vec<_> = self.with(|state| state.subscriptions.iter().map(Subscription::shown).collect());
                Reply::json(200, &json!({ "data": all }))
            }
            ("PATCH", ["subscriptions", id]) => self.switch(id, asked),
            (_, ["subscriptions", id]) => {
                let one =
                    self.with(|state| state.subscriptions.iter().find(|one| one.id == *id).map(Subscription::shown));
                one.map_or_else(|| not_found("subscription", id), |one| Reply::json(200, &one))
            }
            _ => {
                let chat = asked.parameter("chatId");
                let fits = |delivery: &&Value| chat.is_none_or(|chat| delivery["chatId"] == chat);
                let some: Vec<_> = self.with(|state| state.deliveries.iter().filter(fits).cloned().collect());
                Reply::json(200, &json!({ "data": some }))
            }
        }
    }

    async fn begin(&self, asked: &Asked, correlation: &str) -> Reply {
        let Some(wanted) = asked.json().filter(Value::is_object) else {
            return refuse(400, "invalid_json", "The body must be a JSON object");
        };
        let text = |name: &str| wanted.get(name).and_then(Value::as_str);
        let Some(email) = text("email") else {
            return refuse(422, "invalid_chat", "email is required");
        };
        let id = stamp::id("chat");
        let customer = self.look_up(&id, email, correlation).await;
        let chat = json!({
            "id": id, "email": email, "customer": customer, "status": "open",
            "channel": text("channel").unwrap_or("web"), "topic": text("topic").unwrap_or("technical"),
            "subject": text("subject").unwrap_or("Chat"), "startedAt": stamp::rfc3339(stamp::now()),
            "correlationId": correlation,
        });
        self.with(|state| state.chats.insert(id.clone(), chat.clone()));
        self.ledger.wrote(format!("chat: chat {id} began"));
        Reply::json(201, &chat)
    }

    fn end(&self, id: &str, correlation: &str) -> Reply {
        let ended = self.with(|state| {
            let chat = state.chats.get_mut(id)?;
            if chat["status"] == "ended" {
                return Some(Err(()));
            }
            chat["status"] = json!("ended");
            chat["endedAt"] = json!(stamp::rfc3339(stamp::now()));
            Some(Ok(chat.clone()))
        });
        match ended {
            None => not_found("chat", id),
            Some(Err(())) => refuse(409, "chat_ended", "The chat has already ended"),
            Some(Ok(mut chat)) => {
                self.ledger.wrote(format!("chat: chat {id} ended"));
                // The chat's own id goes on, unless whoever ends it brings one.
                let own = chat["correlationId"].as_str().unwrap_or(correlation).to_owned();
                let event = self.completed(&chat, &own);
                chat["events"] = json!(event.into_iter().collect::<Vec<_>>());
                Reply::json(200, &chat)
            }
        }
    }

    fn switch(&self, id: &str, asked: &Asked) -> Reply {
        let Some(enabled) = asked.json().and_then(|body| body.get("enabled").and_then(Value::as_bool)) else {
            return refuse(422, "invalid_subscription", "enabled must be true or false");
        };
        let switched = self.with(|state| {
            let one = state.subscriptions.iter_mut().find(|one| one.id == id)?;
            one.enabled = enabled;
            one.failures = 0;
            one.disabled_because = (!enabled).then(|| "switched off by an administrator".to_owned());
            Some(one.shown())
        });
        let Some(shown) = switched else { return not_found("subscription", id) };
        self.ledger.wrote(format!("chat: subscription {id} switched"));
        Reply::json(200, &shown)
    }
}
