use hearth_sdk::prelude::*;

#[timer(name = "{{name}}", schedule = "0 */5 * * * *")]
fn {{module}}(timer: Timer) {
    if timer.is_past_due {
        log::warn!("the timer is running late");
    }
    log::info!("the timer function ran");
}
