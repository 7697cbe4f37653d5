// Welch's t-test between two classes of measurements (Welch, "The generalization of Student's problem when
// several different population variances are involved", 1947), in one pass (Welford 1962).
#pragma once

#include <cmath>
#include <cstddef>

namespace bulla::constant_time {

class Welch {
 public:
  /// `which`: 0 or 1.
  void add(size_t which, double value) noexcept {
    Class& c = classes_[which];
    ++c.count;
    const double away = value - c.mean;
    c.mean += away / c.count;
    c.squares += away * (value - c.mean);
  }
  /// How many standard errors the means are apart; 0 where too little is known.
  double t() const noexcept {
    const double error = variance_of_mean(0) + variance_of_mean(1);
    return error > 0 ? (classes_[0].mean - classes_[1].mean) / std::sqrt(error) : 0;
  }
  double mean(size_t which) const noexcept { return classes_[which].mean; }
  /// Both classes together.
  double count() const noexcept { return classes_[0].count + classes_[1].count; }

 private:
  struct Class {
    double count = 0, mean = 0, squares = 0;
  };
  double variance_of_mean(size_t which) const noexcept {
    const Class& c = classes_[which];
    return c.count < 2 ? 0 : c.squares / (c.count - 1) / c.count;
  }

  Class classes_[2];
};

}  // namespace bulla::constant_time
