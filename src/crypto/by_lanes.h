// Jobs by as many as a kernel computes side by side.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

namespace bulla::crypto {

/// Calls `what` with as many jobs at a time as there are lanes, and the rest.
template <size_t lanes, class Job, class Function>
void by_lanes(std::span<Job> jobs, const Function& what) noexcept {
  for (; !jobs.empty(); jobs = jobs.subspan(std::min(jobs.size(), lanes)))
    what(jobs.first(std::min(jobs.size(), lanes)));
}

}  // namespace bulla::crypto
