// What an operation under test is given, and what it says about its inputs and outputs. The program that runs
// it decides what becomes of that: secrets are poisoned for a checker, or looked for where they should be
// gone.
#pragma once

#include "crypto/builtin/assemble.h"

#include <bulla/provider.h>

#include <string_view>

namespace bulla::constant_time {

/// What a program does with secrets.
class Watcher {
 public:
  virtual ~Watcher() = default;
  /// These bytes are secret from here on.
  virtual void secret(Bytes bytes) noexcept = 0;
  /// These count as secret for a checker, without being worth a search.
  virtual void counts_as_secret(Bytes bytes) noexcept = 0;
  /// A result that comes from secrets and is one.
  virtual void stays_secret(Bytes result) noexcept = 0;
  /// A result that comes from secrets, but which anybody may see: a ciphertext.
  virtual void conceals(Bytes result) noexcept = 0;
  /// What becomes of a secret on the way, such as round keys: a copy of it is a copy of the secret.
  virtual void derived(Bytes bytes) noexcept = 0;
  /// Whether what the operation leaves behind is searched for secrets: then what is derived from them is
  /// worth telling, and nothing may run after the operation that would overwrite it.
  virtual bool is_searched() const noexcept { return false; }
  /// What comes next makes something public that comes from secrets, for this reason (ct::declassify).
  virtual void before_public(const char* reason) noexcept = 0;
  /// That is what was made public.
  virtual void made_public(Bytes result) noexcept = 0;
};

/// Bytes that look random and are the same every time, and secret.
class SecretRandom final : public Random {
 public:
  explicit SecretRandom(Watcher& watcher) noexcept : watcher_(watcher) {}
  void fill(MutBytes out) noexcept override;
  /// What the next call will fill in.
  void foresee(MutBytes out) const noexcept;

 private:
  static void fill(uint64_t& state, MutBytes out) noexcept;

  Watcher& watcher_;
  uint64_t state_ = 0x243f6a8885a308d3;
};

/// One run of one operation by one kernel.
class Run {
 public:
  /// The provider's kernels are those that dispatch picks now.
  explicit Run(Watcher& watcher) noexcept;

  const Provider& provider() const noexcept { return provider_; }
  Random& random() noexcept { return random_; }

  /// So many secret bytes.
  SecretBytes secret(size_t size);
  /// What random() will hand out next, which counts as no secret yet.
  SecretBytes foreseen(size_t size) const;
  /// These too.
  void hide(Bytes bytes) noexcept { watcher_.secret(bytes); }
  void count_as_secret(Bytes bytes) noexcept { watcher_.counts_as_secret(bytes); }
  void mark(const SecretBytes& bytes) noexcept { hide(bytes.reveal()); }

  void stays_secret(Bytes result) noexcept { watcher_.stays_secret(result); }
  void conceals(Bytes result) noexcept { watcher_.conceals(result); }
  void derived(Bytes bytes) noexcept { watcher_.derived(bytes); }
  bool is_searched() const noexcept { return watcher_.is_searched(); }
  void before_public(const char* reason) noexcept { watcher_.before_public(reason); }
  void made_public(Bytes result) noexcept { watcher_.made_public(result); }

  /// Ends the process with a sentence unless `holds`: an operation that fails proves nothing.
  void expect(bool holds, const char* what) const noexcept;

 private:
  Watcher& watcher_;
  SecretRandom random_;
  crypto::Tables tables_;
  Provider provider_;
};

/// A function that takes secrets.
struct Operation {
  std::string_view name;
  void (*run)(Run& run);
  bool slow = false;  ///< not in the subset that every change must pass
};

/// A kernel, as its table has it.
struct KernelName {
  std::string_view name;
  crypto::CpuBits needs;
};

/// A primitive with its kernels and operations.
struct Subject {
  std::string_view primitive;            ///< as crypto::for_each_kernel calls it
  std::string_view folder;               ///< where its kernels stand, below src/crypto
  std::vector<KernelName> (*kernels)();  ///< all of this build
  std::string_view (*picked)();          ///< the one that dispatch picks now
  std::span<const Operation> operations;
};

/// Everything in src that takes secrets.
std::span<const Subject> subjects() noexcept;

// One list for each file of operations; `subjects()` says which belong to what.
std::span<const Operation> hash_operations(HashId id) noexcept;
std::span<const Operation> keccak_operations() noexcept;
std::span<const Operation> aead_operations(AeadId id) noexcept;
std::span<const Operation> aes_operations() noexcept;
std::span<const Operation> cbc_operations() noexcept;
std::span<const Operation> group_operations(NamedGroup id) noexcept;
std::span<const Operation> ml_kem_768_operations() noexcept;
std::span<const Operation> ml_kem_1024_operations() noexcept;
std::span<const Operation> hybrid_operations() noexcept;
std::span<const Operation> ml_dsa_operations() noexcept;
std::span<const Operation> ecdsa_operations(KeyType type) noexcept;
std::span<const Operation> ed25519_operations() noexcept;
std::span<const Operation> rsa_operations() noexcept;
std::span<const Operation> hpke_operations() noexcept;
std::span<const Operation> base_operations() noexcept;
std::span<const Operation> key_file_operations() noexcept;

/// The names of kernels that stand in a file of their own, as "folder/file" without ".cpp", and have no
/// subject; nothing where all is well. The build looks for such files.
std::vector<std::string_view> kernels_without_subject();
/// The primitives of crypto::for_each_kernel that have no subject with that kernel and an operation.
std::vector<std::string> primitives_without_subject();

}  // namespace bulla::constant_time
