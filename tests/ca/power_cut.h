// A disk in memory, as SQLite sees it (a VFS), whose power can be cut before each of its operations. What was
// written and not synchronised is then there or not, in any combination, and cut off within a write; so are
// new and removed names that no synchronisation of the folder has settled.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bulla::test {

/// How the disk fails to do what it says: a test whose disk lies must see losses.
enum class DiskLie : uint8_t {
  none,
  sync_does_nothing,     ///< "it is on the platter"
  removals_stay_undone,  ///< what SQLite's synchronous=FULL allows, and EXTRA does not
};

class Disk {
 public:
  explicit Disk(DiskLie lie = DiskLie::none);
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  ~Disk();

  /// SQLite opens its files here from now on, until this object dies.
  void plug_in();
  /// Takes the content of another disk, all of it settled.
  void copy_from(const Disk& other);
  /// A file that is there.
  void put_empty(const std::string& name);

  /// The operation with this number, counted from now on, and all behind it fail.
  void cut_power_at(size_t operation);
  /// Whether that has happened.
  bool is_dark() const noexcept { return dark_; }
  /// The power goes, and comes back: of what was not settled, `seed` decides what is left.
  void lose_power(uint64_t seed);

  // What the VFS asks for; false: there is no power.
  struct Change {
    size_t at = 0;
    std::optional<std::vector<uint8_t>> written = {};  ///< none: cut off at `at`
  };
  struct File {
    std::vector<uint8_t> seen = {}, settled = {};
    std::vector<Change> unsettled = {};
  };
  using FilePtr = std::shared_ptr<File>;
  bool tick();
  FilePtr find(const std::string& name) const;
  FilePtr create(const std::string& name);
  void remove(const std::string& name);
  static void apply(std::vector<uint8_t>& content, const Change& change);
  void change(File& file, Change change);
  void sync(File& file);
  void sync_names();
  DiskLie lie() const noexcept { return lie_; }

 private:
  struct NameChange {
    std::string name;
    FilePtr file;  ///< nullptr: removed
  };
  std::map<std::string, FilePtr> names_, settled_names_;
  std::vector<NameChange> unsettled_names_;
  size_t operations_ = 0, cut_at_ = SIZE_MAX;
  bool dark_ = false;
  DiskLie lie_;
  struct Plug;
  std::unique_ptr<Plug> plug_;
};

}  // namespace bulla::test
