//! The two operations on dense vectors that everything learned comes down to: the dot product and unit length.

/// Elements added side by side. Sixteen independent sums let the compiler use whole vector registers without reordering a sum that
/// the language says must stay in order.
const LANES: usize = 16;

/// The dot product of two vectors of the same length; of two unit vectors it is their cosine, in [-1, 1] up to rounding.
#[inline]
#[must_use]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for (x, y) in a_chunks.iter().zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum();
    sums.iter().sum::<f32>() + rest
}

/// Scales a vector to length one. Returns false, and leaves it as it is, when it has no direction (zero, or not finite).
pub fn normalise(vector: &mut [f32]) -> bool {
    let length = dot(vector, vector).sqrt();
    if !length.is_finite() || length <= f32::MIN_POSITIVE {
        return false;
    }
    vector.iter_mut().for_each(|element| *element /= length);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dot_product_counts_every_element_once() {
        for len in [0, 1, 15, 16, 17, 64, 100] {
            let ones = vec![1.0; len];
            let numbers: Vec<f32> = (0..len).map(|index| index as f32).collect();
            assert_eq!(dot(&ones, &numbers), (0..len).sum::<usize>() as f32, "{len} elements");
        }
    }

    #[test]
    fn only_a_vector_with_a_direction_can_have_length_one() {
        let mut vector = [3.0, 4.0];
        assert!(normalise(&mut vector));
        assert_eq!(vector, [0.6, 0.8]);
        assert!(!normalise(&mut [0.0, 0.0]));
        assert!(!normalise(&mut [f32::NAN, 1.0]));
        assert!(!normalise(&mut []));
    }
}
