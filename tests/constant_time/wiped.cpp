// bulla_wiped: runs every operation that takes secrets, by every kernel, and looks for those secrets in heap
// blocks as they are freed, and in the stack below the operation after it has returned. See README.md.
//   bulla_wiped [PART-OF-A-NAME...]
#include "constant_time/apart.h"
#include "constant_time/graveyard.h"
#include "constant_time/run.h"

#include <sys/mman.h>
#include <ucontext.h>
#include <algorithm>
#include <unordered_map>

namespace bulla::constant_time {
namespace {

/// So many bytes in a row count as a copy of a secret: chance does not bring them forth.
constexpr size_t window = 8;
using Window = uint64_t;

Window window_at(const uint8_t* at) noexcept {
  Window out;
  std::memcpy(&out, at, sizeof out);
  return out;
}

/// Windows of zeros, small numbers and the like are found everywhere.
bool says_nothing(Window w) noexcept {
  uint8_t bytes[window];
  std::memcpy(bytes, &w, window);
  std::ranges::sort(bytes);
  return std::unique(std::begin(bytes), std::end(bytes)) - std::begin(bytes) < 6;
}

/// Writes down what an operation says while it runs. The operation's own stack and heap must see nothing of
/// that, so bytes are only copied, to memory that was there before.
class Notes final : public Watcher {
 public:
  struct Note {
    Bytes bytes;
    const char* what;  ///< nullptr: public after all
  };

  void secret(Bytes bytes) noexcept override { note(bytes, "an input"); }
  void counts_as_secret(Bytes) noexcept override {}
  void stays_secret(Bytes result) noexcept override { note(result, "a result"); }
  void derived(Bytes bytes) noexcept override { note(bytes, "a derived secret"); }
  bool is_searched() const noexcept override { return true; }
  void conceals(Bytes) noexcept override {}
  void before_public(const char*) noexcept override {}
  void made_public(Bytes result) noexcept override { note(result, nullptr); }

  std::span<const Note> notes() const noexcept { return {notes_.data(), count_}; }

 private:
  void note(Bytes bytes, const char* what) noexcept {
    if (count_ == notes_.size() || bytes.size() > memory_.size() - used_) std::abort();
    const MutBytes to = MutBytes(memory_).subspan(used_, bytes.size());
    if (!bytes.empty()) std::memcpy(to.data(), bytes.data(), bytes.size());
    used_ += bytes.size();
    notes_[count_++] = {to, what};
  }

  std::vector<uint8_t> memory_ = std::vector<uint8_t>(size_t{1} << 24);
  std::vector<Note> notes_ = std::vector<Note>(100'000);
  size_t used_ = 0, count_ = 0;
};

/// Secrets in the forms in which programs keep them.
class Forms {
 public:
  explicit Forms(const Notes& notes) {
    for (const auto& note : notes.notes())
      if (note.what) remember(note.bytes, note.what);
    for (const auto& note : notes.notes())
      if (!note.what) forget(note.bytes);
  }

  /// What is found at `at`, or nullptr.
  const char* find(const uint8_t* at) const noexcept {
    const auto found = forms_.find(window_at(at));
    return found == forms_.end() ? nullptr : found->second;
  }

 private:
  void remember(Bytes bytes, const char* what) {
    for (size_t i = 0; i + window <= bytes.size(); ++i) {
      const Window plain = window_at(&bytes[i]);
      if (says_nothing(plain)) continue;
      const Window reversed = __builtin_bswap64(plain);       // words of 64 bits, and the limbs of numbers
      const Window halves = reversed >> 32 | reversed << 32;  // words of 32 bits
      for (const Window form : {plain, reversed, halves})
        for (const uint64_t pad : {0x00u, 0x36u, 0x5cu})  // HMAC's (RFC 2104)
          forms_.emplace(form ^ pad * 0x0101010101010101, what);
    }
  }
  void forget(Bytes bytes) {
    for (size_t i = 0; i + window <= bytes.size(); ++i) forms_.erase(window_at(&bytes[i]));
  }

  std::unordered_map<Window, const char*> forms_;
};

/// A stack that nothing else uses.
class OwnStack {
 public:
  OwnStack() noexcept
      : base_(static_cast<uint8_t*>(mmap(nullptr, size, PROT_READ | PROT_WRITE,
                                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))) {}
  OwnStack(const OwnStack&) = delete;
  OwnStack& operator=(const OwnStack&) = delete;
  ~OwnStack() { munmap(base_, size); }

  /// Calls `function` on it. What it leaves is in bytes().
  void call(const std::function<void()>& function) {
    function_ = &function;
    ucontext_t context;
    getcontext(&context);
    context.uc_stack.ss_sp = base_;
    context.uc_stack.ss_size = size;
    context.uc_link = &back_;
    const auto self = reinterpret_cast<uintptr_t>(this);
    makecontext(&context, reinterpret_cast<void (*)()>(&OwnStack::enter), 2, static_cast<uint32_t>(self),
                static_cast<uint32_t>(self >> 32));
    swapcontext(&back_, &context);
  }
  Bytes bytes() const noexcept { return {base_, size}; }

 private:
  static constexpr size_t size = size_t{4} << 20;

  static void enter(uint32_t low, uint32_t high) {
    const auto* self = reinterpret_cast<OwnStack*>(uintptr_t{high} << 32 | low);
    (*self->function_)();
  }

  uint8_t* base_;
  const std::function<void()>* function_ = nullptr;
  ucontext_t back_{};
};

/// Finds are counted by stretch: a copied key is one, however long it is.
size_t search(const Forms& secrets, Bytes memory, const char* where) {
  size_t count = 0;
  for (size_t i = 0; i + window <= memory.size(); ++i) {
    const char* what = secrets.find(&memory[i]);
    if (!what) continue;
    size_t end = i + 1;
    while (end + window <= memory.size() && secrets.find(&memory[end])) ++end;
    std::printf("  %zu bytes of %s are left in %s, %zu bytes from its end\n", end - i + window - 1, what,
                where, memory.size() - i);
    ++count;
    i = end;
  }
  return count;
}

int run_here(const KernelName& kernel, const Operation& operation) {
  crypto::force_cpu_word(kernel.needs);
  static Notes notes;
  static Run run(notes);
  OwnStack stack;
  graveyard::open();
  stack.call([&] { operation.run(run); });
  graveyard::close();
  const Forms secrets(notes);
  size_t found = search(secrets, stack.bytes(), "the stack");
  graveyard::for_each([&](Bytes block) { found += search(secrets, block, "a freed block"); });
  return found == 0 ? fine : wrong;
}

// --------------------------------------------------------------------------- what must be found

/// A copy of a secret on the stack, in a form that it may have there.
template <uint64_t pad, bool reverse>
[[gnu::noinline]] void leave_on_stack(Run& run) {
  const SecretBytes key = run.secret(32);
  uint8_t copy[32];
  std::ranges::copy(key.reveal(), copy);
  if (reverse) std::ranges::reverse(copy);
  for (uint8_t& byte : copy) byte ^= pad;
  __asm__ volatile("" : : "r"(copy) : "memory");
}

void leave_on_heap(Run& run) {
  const SecretBytes key = run.secret(32);
  const std::vector<uint8_t> copy = to_vector(key.reveal());
  __asm__ volatile("" : : "r"(copy.data()) : "memory");
}

constexpr Operation planted[] = {{"a copy on the stack", leave_on_stack<0, false>},
                                 {"a padded copy on the stack", leave_on_stack<0x36, false>},
                                 {"a reversed copy on the stack", leave_on_stack<0, true>},
                                 {"a copy on the heap", leave_on_heap}};

bool wants(std::span<char*> parts, const std::string& name) {
  return parts.empty() ||
         std::ranges::any_of(parts, [&](const char* part) { return name.find(part) != name.npos; });
}

int check_all(std::span<char*> parts) {
  int passed = 0, failed = 0, missed = 0;
  for (const Operation& leak : planted) {
    std::printf("planted: %s\n", leak.name.data());
    if (run_apart([&] { return run_here({"soft", 0}, leak); }) != wrong) ++missed;
  }
  const crypto::CpuBits have = crypto::cpu_word();
  for (const Subject& subject : subjects())
    for (const KernelName& kernel : subject.kernels()) {
      if ((kernel.needs & ~have) != 0) {
        std::printf("this machine cannot run %s:%s\n", subject.primitive.data(), kernel.name.data());
        continue;
      }
      for (const Operation& operation : subject.operations) {
        const std::string name = std::string(subject.primitive) + ':' + std::string(kernel.name) + ' ' +
                                 std::string(operation.name);
        if (!wants(parts, name)) continue;
        const int verdict = run_apart([&] { return run_here(kernel, operation); });
        ++(verdict == fine ? passed : failed);
        if (verdict != fine) std::printf("LEFT BEHIND: %s\n", name.c_str());
      }
    }
  std::printf(
      "%d operations leave nothing behind, %d leave something; %d of %zu planted copies were missed\n",
      passed, failed, missed, std::size(planted));
  return failed + missed == 0 && passed > 0 ? 0 : 1;
}

}  // namespace
}  // namespace bulla::constant_time

int main(int count, char** arguments) {
  // The dynamic linker saves all vector registers on the stack when it looks up a function at its first call;
  // told so in time, it looks up all of them before.
  if (!std::getenv("LD_BIND_NOW")) {
    setenv("LD_BIND_NOW", "1", 1);
    execv("/proc/self/exe", arguments);
  }
  return bulla::constant_time::check_all({arguments + 1, static_cast<size_t>(count - 1)});
}
