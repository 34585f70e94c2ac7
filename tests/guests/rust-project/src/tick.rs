use hearth_sdk::prelude::*;

#[timer(name = "Tick", schedule = "0 */5 * * * *")]
fn tick(timer: Timer) {
    if timer.is_past_due {
        log::warn!("the timer is running late");
    }
    log::info!("the timer function ran");
}
