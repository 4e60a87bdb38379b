//! What all things together say of each: the season that they share, and how much those that sell as often do.
//!
//! Two sales in two years hardly tell a rate; what a thousand things that sell as seldom sold tells what is likely before anything is known,
//! and the more is known of a thing the less that weighs (W. James and C. Stein, 1961; B. Efron and C. Morris, JASA 68(341), 1973).

use super::season::Profile;
use super::series::{Class, History};

/// What things that sell often, or seldom, sell in one period.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Kin {
    /// Units, on average over things and periods.
    pub mean: f64,
    /// Variance of the periods of one thing around its own mean, averaged in the same way.
    pub variance: f64,
}

/// What all things say up to one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Crowd {
    /// How the season goes; usual all the time where none is known.
    pub profile: Profile,
    /// Of those that sell often, and of the others.
    kin: [Kin; 2],
}

/// Sums on the way to it.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    periods: f64,
    units: f64,
    squares: f64,
}

impl Crowd {
    /// Of the first `until` periods of the shop's time. Classes are those that the histories say.
    #[must_use]
    pub fn of(histories: &[History<'_>], season: usize, until: usize) -> Self {
        let mut sums = [Sums::default(); 2];
        for history in histories {
            let known: Vec<f64> = history.before(until).demand.iter().flatten().copied().collect();
            let (periods, units) = (known.len() as f64, known.iter().sum::<f64>());
            let all = &mut sums[kind(history.class)];
            all.periods += periods;
            all.units += units;
            all.squares += known.iter().map(|value| (value - units / periods).powi(2)).sum::<f64>();
        }
        let kin = sums.map(|Sums { periods, units, squares }| match periods > 0.0 {
            true => Kin { mean: units / periods, variance: squares / periods },
            false => Kin::default(),
        });
        Self { profile: Profile::of(histories, season, until).unwrap_or_default(), kin }
    }

    /// What things that sell as often as those of a class sell.
    #[must_use]
    pub fn kin(&self, class: Class) -> Kin {
        self.kin[kind(class)]
    }
}

/// Classes are told by what was sold, so within one of them nobody sold more than it says; within all that sell seldom somebody did.
fn kind(class: Class) -> usize {
    match class {
        Class::Smooth | Class::Erratic => 0,
        Class::Intermittent | Class::Lumpy | Class::Unsold => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_that_sell_seldom_sell_what_they_do_on_average() {
        let (one, other, late) = ([0.0, 2.0, 0.0, 2.0].map(Some), [Some(0.0), None, Some(4.0), Some(9.0)], [None, None, None, Some(7.0)]);
        let histories = [&one, &other, &late].map(|demand| History { class: Class::Lumpy, ..History::of(demand) });
        let crowd = Crowd::of(&histories, 1, 3);
        // 0, 2, 0 around 2 / 3: squares 8 / 3; 0, 4 around 2: squares 8. Five periods, six units.
        let Kin { mean, variance } = crowd.kin(Class::Lumpy);
        assert!((mean - 6.0 / 5.0).abs() < 1e-9 && (variance - (8.0 / 3.0 + 8.0) / 5.0).abs() < 1e-9, "{crowd:?}");
        assert_eq!(crowd.kin(Class::Unsold), crowd.kin(Class::Lumpy));
        assert_eq!(crowd.kin(Class::Smooth), Kin::default());
        assert_eq!(crowd.profile, Profile::default());
    }
}
