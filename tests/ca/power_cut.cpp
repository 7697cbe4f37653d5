#include "ca/power_cut.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace bulla::test {
namespace {

/// What sqlite3_file begins for us.
struct OpenFile {
  sqlite3_file base = {};
  Disk* disk = nullptr;
  Disk::FilePtr* file = nullptr;
  bool names_are_settled =
      true;  ///< as SQLite's own VFS: with a new journal's first sync the folder is synchronised
};

OpenFile& self(sqlite3_file* file) {
  return *reinterpret_cast<OpenFile*>(file);
}

int close_file(sqlite3_file* file) {
  delete std::exchange(self(file).file, nullptr);
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* out, int size, sqlite3_int64 at) {
  if (self(file).disk->is_dark()) return SQLITE_IOERR_READ;
  const std::vector<uint8_t>& content = (*self(file).file)->seen;
  const size_t from = std::min(static_cast<size_t>(at), content.size());
  const size_t n = std::min(static_cast<size_t>(size), content.size() - from);
  std::memset(out, 0, static_cast<size_t>(size));
  if (n) std::memcpy(out, content.data() + from, n);
  return n == static_cast<size_t>(size) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
  if (!self(file).disk->tick()) return SQLITE_IOERR_WRITE;
  const auto* bytes = static_cast<const uint8_t*>(data);
  self(file).disk->change(**self(file).file, {.at = static_cast<size_t>(at),
                                              .written = std::vector<uint8_t>(bytes, bytes + size)});
  return SQLITE_OK;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (!self(file).disk->tick()) return SQLITE_IOERR_TRUNCATE;
  self(file).disk->change(**self(file).file, {.at = static_cast<size_t>(size)});
  return SQLITE_OK;
}

int sync_file(sqlite3_file* file, int) {
  if (!self(file).disk->tick()) return SQLITE_IOERR_FSYNC;
  self(file).disk->sync(**self(file).file);
  if (!std::exchange(self(file).names_are_settled, true)) self(file).disk->sync_names();
  return SQLITE_OK;
}

int size_of_file(sqlite3_file* file, sqlite3_int64* out) {
  *out = static_cast<sqlite3_int64>((*self(file).file)->seen.size());
  return SQLITE_OK;
}

int no_lock(sqlite3_file*, int) {
  return SQLITE_OK;
}
int nobody_has_reserved(sqlite3_file*, int* out) {
  *out = 0;
  return SQLITE_OK;
}
int no_control(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}
int sector_size(sqlite3_file*) {
  return 4096;
}
int characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;  // what SQLite takes the disks of this system for
}

constexpr sqlite3_io_methods methods = {
    1,          close_file,   read_file,       write_file, truncate_file,
    sync_file,  size_of_file, no_lock,         no_lock,    nobody_has_reserved,
    no_control, sector_size,  characteristics, nullptr,    nullptr,
    nullptr,    nullptr,      nullptr,         nullptr};

Disk& disk_of(sqlite3_vfs* vfs) {
  return *static_cast<Disk*>(vfs->pAppData);
}

int open_file(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* out, int flags, int* out_flags) {
  Disk& disk = disk_of(vfs);
  auto* file = new (out) OpenFile;
  if (disk.is_dark()) return SQLITE_CANTOPEN;
  Disk::FilePtr found = name ? disk.find(name) : std::make_shared<Disk::File>();
  if (!found && !(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
  if (!found) {
    if (!disk.tick()) return SQLITE_CANTOPEN;
    found = disk.create(name);
    file->names_are_settled = !(flags & SQLITE_OPEN_MAIN_JOURNAL);
  }
  file->base.pMethods = &methods;
  file->disk = &disk;
  file->file = new Disk::FilePtr(std::move(found));
  if (out_flags) *out_flags = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  Disk& disk = disk_of(vfs);
  if (!disk.tick()) return SQLITE_IOERR_DELETE;
  if (!disk.find(name)) return SQLITE_IOERR_DELETE_NOENT;
  disk.remove(name);
  if (sync_folder && disk.lie() != DiskLie::removals_stay_undone) disk.sync_names();
  return SQLITE_OK;
}

int access_file(sqlite3_vfs* vfs, const char* name, int, int* out) {
  *out = !disk_of(vfs).is_dark() && disk_of(vfs).find(name) ? 1 : 0;
  return SQLITE_OK;
}

int full_name(sqlite3_vfs*, const char* name, int room, char* out) {
  sqlite3_snprintf(room, out, "%s", name);
  return SQLITE_OK;
}

/// xorshift: the seeds are few and small.
uint64_t next(uint64_t& state) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

}  // namespace

struct Disk::Plug {
  sqlite3_vfs vfs = {};
};

Disk::Disk(DiskLie lie) : lie_(lie) {}

Disk::~Disk() {
  if (plug_) sqlite3_vfs_unregister(&plug_->vfs);
}

void Disk::plug_in() {
  plug_ = std::make_unique<Plug>();
  plug_->vfs = *sqlite3_vfs_find("unix");  // clock, sleep, randomness
  plug_->vfs.iVersion = 1;
  plug_->vfs.szOsFile = sizeof(OpenFile);
  plug_->vfs.pNext = nullptr;
  plug_->vfs.zName = "bulla-power-cut";
  plug_->vfs.pAppData = this;
  plug_->vfs.xOpen = open_file;
  plug_->vfs.xDelete = delete_file;
  plug_->vfs.xAccess = access_file;
  plug_->vfs.xFullPathname = full_name;
  sqlite3_vfs_register(&plug_->vfs, 1);
}

void Disk::copy_from(const Disk& other) {
  names_.clear();
  for (const auto& [name, file] : other.names_)
    names_[name] = std::make_shared<File>(File{.seen = file->seen, .settled = file->seen});
  settled_names_ = names_;
  unsettled_names_.clear();
  operations_ = 0;
  cut_at_ = SIZE_MAX;
  dark_ = false;
}

void Disk::put_empty(const std::string& name) {
  names_[name] = settled_names_[name] = std::make_shared<File>();
}

void Disk::cut_power_at(size_t operation) {
  operations_ = 0;
  cut_at_ = operation;
}

bool Disk::tick() {
  dark_ = dark_ || operations_++ == cut_at_;
  return !dark_;
}

Disk::FilePtr Disk::find(const std::string& name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : found->second;
}

Disk::FilePtr Disk::create(const std::string& name) {
  auto file = std::make_shared<File>();
  names_[name] = file;
  unsettled_names_.push_back({name, file});
  return file;
}

void Disk::remove(const std::string& name) {
  names_.erase(name);
  unsettled_names_.push_back({name, nullptr});
}

void Disk::apply(std::vector<uint8_t>& content, const Change& change) {
  if (!change.written) return content.resize(change.at);
  if (content.size() < change.at + change.written->size()) content.resize(change.at + change.written->size());
  std::copy(change.written->begin(), change.written->end(),
            content.begin() + static_cast<ptrdiff_t>(change.at));
}

void Disk::change(File& file, Change change) {
  apply(file.seen, change);
  file.unsettled.push_back(std::move(change));
}

void Disk::sync(File& file) {
  if (lie_ == DiskLie::sync_does_nothing) return;
  file.settled = file.seen;
  file.unsettled.clear();
}

void Disk::sync_names() {
  if (lie_ == DiskLie::sync_does_nothing) return;
  settled_names_ = names_;
  unsettled_names_.clear();
}

void Disk::lose_power(uint64_t seed) {
  // The first two seeds are the extremes: nothing and everything that was not settled is there.
  uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
  const auto survives = [&] { return seed == 0 ? false : seed == 1 ? true : (next(state) & 1) != 0; };
  for (const NameChange& change : unsettled_names_) {
    if (!survives()) continue;
    if (change.file)
      settled_names_[change.name] = change.file;
    else
      settled_names_.erase(change.name);
  }
  for (const auto& [name, file] : settled_names_) {
    for (Change change : file->unsettled) {
      if (!survives()) continue;
      if (change.written && seed > 1 && next(state) % 4 == 0)  // within it: sectors of 512 bytes
        change.written->resize(std::min(change.written->size(), next(state) % 8 * 512));
      apply(file->settled, change);
    }
    file->unsettled.clear();
    file->seen = file->settled;
  }
  names_ = settled_names_;
  unsettled_names_.clear();
  cut_at_ = SIZE_MAX;
  dark_ = false;
}

}  // namespace bulla::test
