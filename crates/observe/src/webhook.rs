//! Deliveries of events: which event, which delivery, which attempt, and whether it is signed, by the
//! header names that senders document (GitHub, GitLab, Bitbucket, Stripe, Shopify, Slack, Svix and
//! Standard Webhooks, Twilio, PayPal, WooCommerce, Linear, Square, CloudEvents, …).
//!
//! It never reads a signature's value and refuses to check one.

use crate::sink::Sink;
use firstfault_model::Span;

/// Reads one request header by its lower-case name.
pub(crate) fn read(out: &mut Sink, name: &str, value: &str, span: Span) {
    match name {
        "x-github-event"
        | "x-gitlab-event"
        | "x-event-key"
        | "x-shopify-topic"
        | "x-wc-webhook-topic"
        | "linear-event"
        | "sentry-hook-resource"
        | "ce-type"
        | "x-gitea-event"
        | "x-webhook-event"
        | "x-zoom-event"
        | "x-event-type"
        | "x-amz-sns-message-type" => out.fact("webhook.event", value, span),
        "x-github-delivery"
        | "x-gitlab-event-uuid"
        | "x-gitlab-webhook-uuid"
        | "x-shopify-webhook-id"
        | "x-wc-webhook-delivery-id"
        | "linear-delivery"
        | "svix-id"
        | "webhook-id"
        | "paypal-transmission-id"
        | "ce-id"
        | "x-gitea-delivery"
        | "x-hook-uuid"
        | "x-amz-sns-message-id"
        | "x-webhook-id"
        | "x-delivery-id" => out.fact("webhook.delivery", value, span),
        "x-slack-retry-num" | "x-attempt-number" | "x-webhook-attempt" | "x-webhook-retry" | "x-retry-count" => {
            out.fact("webhook.attempt", value, span);
        }
        "x-hub-signature"
        | "x-hub-signature-256"
        | "stripe-signature"
        | "x-shopify-hmac-sha256"
        | "x-slack-signature"
        | "svix-signature"
        | "webhook-signature"
        | "x-twilio-signature"
        | "paypal-transmission-sig"
        | "x-wc-webhook-signature"
        | "x-square-hmacsha256-signature"
        | "x-square-signature"
        | "linear-signature"
        | "x-line-signature"
        | "x-razorpay-signature"
        | "x-cc-webhook-signature"
        | "sentry-hook-signature"
        | "x-zm-signature"
        | "x-gitlab-token"
        | "x-gitea-signature"
        | "x-webhook-signature"
        | "x-signature-ed25519"
        | "x-hubspot-signature-v3"
        | "x-twilio-email-event-webhook-signature" => {
            out.fact("webhook.signature", name, span);
        }
        _ => {}
    }
}
