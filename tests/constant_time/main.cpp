// bulla_constant_time: runs every operation that takes secrets, by every kernel, under a tool that reports
// branches and addresses that depend on them; then plants leaks, which the tool must report. See README.md.
//   bulla_constant_time [--quick | --list] [PART-OF-A-NAME...]
#include "constant_time/apart.h"
#include "constant_time/checker.h"
#include "constant_time/run.h"

#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <cstring>

namespace bulla::constant_time {
namespace {

constexpr int no_leak = -1;

/// Kernels that a tool cannot run, or does not see into. One that all tools are blind for is named at the
/// end.
struct Blind {
  Tool tool;
  std::string_view primitive;  ///< empty: any
  std::string_view kernel;     ///< empty: any
  const char* why;
};
constexpr auto no_carries = "it loses secrets in carries and in the upper halves of products";
constexpr auto around_lanes = "inverses and what enters and leaves the lanes are those of adx";
constexpr Blind blind[] = {
    {Tool::valgrind, "", "sha_ni", "it does not decode the SHA extensions"},
    {Tool::valgrind, "", "ifma", "it does not decode AVX-512"},
    {Tool::valgrind, "", "avx512", "it does not decode AVX-512"},
    {Tool::valgrind, "", "vaes_avx2", "it does not decode VAES"},
    {Tool::valgrind, "", "vaes_avx512", "it does not decode AVX-512"},
    {Tool::memory_sanitizer, "", "adx", "it does not look into assembly"},
    {Tool::memory_sanitizer, "p256", "ifma", around_lanes},
    {Tool::memory_sanitizer, "ecdsa_p256", "ifma", around_lanes},
    {Tool::memory_sanitizer, "p256", "soft", no_carries},
    {Tool::memory_sanitizer, "p384", "soft", no_carries},
    {Tool::memory_sanitizer, "p521", "soft", no_carries},
    {Tool::memory_sanitizer, "ecdsa_p256", "soft", no_carries},
    {Tool::memory_sanitizer, "ecdsa_p384", "soft", no_carries},
    {Tool::memory_sanitizer, "ecdsa_p521", "soft", no_carries},
    {Tool::memory_sanitizer, "montgomery", "soft", no_carries},
    {Tool::memory_sanitizer, "ml_dsa", "soft", no_carries},
    {Tool::memory_sanitizer, "ml_kem_768", "soft", no_carries},
    {Tool::memory_sanitizer, "ml_kem_1024", "soft", no_carries},
};

const Blind* blindness(Tool tool, std::string_view primitive, std::string_view kernel) {
  const auto fits = [&](const Blind& b) {
    return b.tool == tool && (b.primitive.empty() || b.primitive == primitive) &&
           (b.kernel.empty() || b.kernel == kernel);
  };
  const auto* found = std::ranges::find_if(blind, fits);
  return found == std::end(blind) ? nullptr : found;
}

volatile int sink;

volatile uint8_t places[256];

/// The leak that is planted: a branch on all these bytes, or an address that depends on them.
void leak(Bytes bytes, bool by_branch) noexcept {
  uint8_t parity = 0;
  for (const uint8_t byte : bytes) parity ^= byte;
  if (!by_branch)
    places[parity] = 1;
  else if (parity & 1)
    sink = 1;
}

const char* withheld_reason = nullptr;

/// Poisons secrets, and checks that results count as what they are. With a leak to plant, of which each
/// result has two, that result is branched on or used as an address; where it would be public, its
/// declassification is withheld.
class Poisoner final : public Watcher {
 public:
  explicit Poisoner(int planted) noexcept : planted_(planted) {}

  void secret(Bytes bytes) noexcept override { ct::poison(bytes.data(), bytes.size()); }
  void counts_as_secret(Bytes bytes) noexcept override { secret(bytes); }
  void stays_secret(Bytes result) noexcept override {
    if (planted_ == no_leak && count_secret(result) != result.size())
      fail("%zu of %zu bytes of a secret result no longer count as secret\n", count_secret(result),
           result.size());
    leak_if_planted(result);
  }
  void conceals(Bytes result) noexcept override { stays_secret(result); }
  void derived(Bytes) noexcept override {}
  void before_public(const char* reason) noexcept override {
    if (is_planted_next()) withheld_reason = reason;
  }
  void made_public(Bytes result) noexcept override {
    if (planted_ == no_leak && count_secret(result) != 0)
      fail("%zu of %zu bytes of a public result still count as secret\n", count_secret(result),
           result.size());
    leak_if_planted(result);
  }
  /// Whether the operation has a result of that number.
  bool was_planted() const noexcept { return planted_ < 2 * next_; }

 private:
  static void fail(const char* format, size_t count, size_t of) noexcept {
    std::printf("  ");
    std::printf(format, count, of);
    std::fflush(stdout);
    _exit(wrong);
  }

  bool is_planted_next() const noexcept { return planted_ != no_leak && planted_ / 2 == next_; }
  void leak_if_planted(Bytes result) noexcept {
    if (is_planted_next()) leak(result, planted_ % 2 == 0);
    ++next_;
  }

  const int planted_;
  int next_ = 0;  ///< the number of the next result
};

int run_here(const Subject& subject, const KernelName& kernel, const Operation& operation, int planted) {
  crypto::force_cpu_word(kernel.needs);
  if (subject.picked() != kernel.name) {
    std::printf("  dispatch picks another kernel than the one that was forced\n");
    return wrong;
  }
  Poisoner poisoner(planted);
  Run run(poisoner);
  operation.run(run);
  return poisoner.was_planted() ? fine : no_such_leak;
}

struct Counts {
  int passed = 0, failed = 0, caught = 0, missed = 0;
};

struct Options {
  bool quick = false, list = false;
  std::vector<std::string_view> parts;

  bool wants(std::string_view name) const {
    return parts.empty() ||
           std::ranges::any_of(parts, [&](std::string_view part) { return name.find(part) != name.npos; });
  }
};

/// Every result of the operation is leaked, one in each run; the quick subset does it with the first.
void plant(const Subject& subject, const KernelName& kernel, const Operation& operation, const char* name,
           bool all, Counts& counts) {
  for (int i = 0;; ++i) {
    std::printf("%s, leak %d is planted: a report must follow\n", name, i);
    const int status = run_apart([&] { return run_here(subject, kernel, operation, i); });
    if (status == no_such_leak) {
      if (i > 0) return;
      std::printf("NO RESULT OF %s WAS LOOKED AT\n", name);
    }
    ++(status == reported ? counts.caught : counts.missed);
    if (status != reported) std::printf("MISSED: the leak planted in %s was not reported\n", name);
    if (!all || status == no_such_leak) return;
  }
}

void check(const Subject& subject, const KernelName& kernel, const Options& options, Counts& counts) {
  bool planted = false;
  for (const Operation& operation : subject.operations) {
    const std::string name =
        std::string(subject.primitive) + ':' + std::string(kernel.name) + ' ' + std::string(operation.name);
    if (!options.wants(name) || (options.quick && operation.slow)) continue;
    std::printf("%s\n", name.c_str());
    if (options.list) continue;
    const int status = run_apart([&] { return run_here(subject, kernel, operation, no_leak); });
    ++(status == fine ? counts.passed : counts.failed);
    if (status == reported)
      std::printf("LEAK: %s depends on secrets (see the report above)\n", name.c_str());
    else if (status != fine)
      std::printf("FAILED: %s\n", name.c_str());
    if (status == fine && !(options.quick && planted))
      plant(subject, kernel, operation, name.c_str(), !options.quick, counts);
    planted = true;
  }
}

/// What later kernels must not slip through.
int missing() {
  int count = 0;
  for (const std::string_view file : kernels_without_subject()) {
    std::printf(
        "NOT COVERED: src/crypto/%.*s.cpp is no kernel of any subject in tests/constant_time/subjects.cpp\n",
        static_cast<int>(file.size()), file.data());
    ++count;
  }
  for (const std::string& primitive : primitives_without_subject()) {
    std::printf("NOT COVERED: %s has no subject in tests/constant_time/subjects.cpp\n", primitive.c_str());
    ++count;
  }
  return count;
}

constexpr const char* name_of(Tool tool) {
  return tool == Tool::valgrind ? "valgrind" : tool == Tool::memory_sanitizer ? "MemorySanitizer" : "no tool";
}

/// Of this tool; and those that no tool checks, whichever this is.
void name_blind_kernels() {
  for (const Subject& subject : subjects())
    for (const KernelName& kernel : subject.kernels()) {
      const Blind* here = blindness(tool(), subject.primitive, kernel.name);
      if (here)
        std::printf("%s does not check %s:%s, because %s\n", name_of(tool()), subject.primitive.data(),
                    kernel.name.data(), here->why);
      if (blindness(Tool::valgrind, subject.primitive, kernel.name) &&
          blindness(Tool::memory_sanitizer, subject.primitive, kernel.name))
        std::printf("NO TOOL CHECKS %s:%s\n", subject.primitive.data(), kernel.name.data());
    }
}

int check_all(const Options& options) {
  Counts counts;
  [[maybe_unused]] const crypto::CpuBits have = crypto::cpu_word();
  for (const Subject& subject : subjects())
    for (const KernelName& kernel : subject.kernels()) {
      if (!options.list && blindness(tool(), subject.primitive, kernel.name)) continue;
      // valgrind hides extensions from CPUID that it decodes; MemorySanitizer runs on the processor itself.
      if (!options.list && tool() != Tool::valgrind && (kernel.needs & ~have) != 0)
        std::printf("this machine cannot run %s:%s\n", subject.primitive.data(), kernel.name.data());
      else
        check(subject, kernel, options, counts);
    }
  const int uncovered = missing();
  name_blind_kernels();
  std::printf("%s: %d operations passed, %d failed; %d planted leaks caught, %d missed\n", name_of(tool()),
              counts.passed, counts.failed, counts.caught, counts.missed);
  return counts.failed + counts.missed + uncovered == 0 && (options.list || counts.passed > 0) ? 0 : 1;
}

}  // namespace
}  // namespace bulla::constant_time

namespace bulla::ct {
#if defined(BULLA_CT_VALGRIND) || defined(BULLA_CT_MSAN)
bool withheld(const char* reason) noexcept {
  return constant_time::withheld_reason && std::strcmp(constant_time::withheld_reason, reason) == 0;
}
#endif
}  // namespace bulla::ct

#if defined(BULLA_CT_MSAN)
extern "C" const char* __msan_default_options() {
  return "exit_code=99";
}
#endif

int main(int count, char** arguments) {
  using namespace bulla::constant_time;
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--quick")
      options.quick = true;
    else if (argument == "--list")
      options.list = true;
    else
      options.parts.push_back(argument);
  }
  if (tool() == Tool::none && !options.list) {
    std::printf(
        "skipped: neither under valgrind nor built with MemorySanitizer, so nothing would be checked\n");
    return 77;
  }
  return check_all(options);
}
