#include <bulla/os.h>

namespace bulla {

void MemorySessionStore::put(const std::string& key, ClientSessionPtr session) {
  if (!session || max_keys_ == 0 || max_tickets_ == 0) return;
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(key);
  if (found == index_.end()) {
    entries_.push_front(Entry{key, {}});
    index_.emplace(entries_.front().key, entries_.begin());
  } else {
    entries_.splice(entries_.begin(), entries_, found->second);
  }
  entries_.front().tickets.push_front(std::move(session));
  if (entries_.front().tickets.size() > max_tickets_) entries_.front().tickets.pop_back();
  if (entries_.size() > max_keys_) {
    index_.erase(entries_.back().key);
    entries_.pop_back();
  }
}

ClientSessionPtr MemorySessionStore::take(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  const auto entry = found->second;
  ClientSessionPtr session = std::move(entry->tickets.front());
  entry->tickets.pop_front();
  if (entry->tickets.empty()) {
    index_.erase(found);
    entries_.erase(entry);
  } else {
    entries_.splice(entries_.begin(), entries_, entry);
  }
  return session;
}

size_t MemorySessionStore::size() const {
  const std::lock_guard lock(mutex_);
  size_t count = 0;
  for (const Entry& entry : entries_) count += entry.tickets.size();
  return count;
}

void MemorySessionCache::put(Bytes session_id, Bytes state, Time now) {
  if (max_sessions_ == 0) return;
  const std::lock_guard lock(mutex_);
  if (const auto found = index_.find(as_text(session_id)); found != index_.end()) {
    const auto entry = found->second;
    index_.erase(found);
    entries_.erase(entry);
  }
  entries_.push_front(Entry{std::string(as_text(session_id)), SecretBytes(state), now});
  index_.emplace(entries_.front().id, entries_.begin());
  // The oldest stand at the end: those that are over, then one more if there are too many.
  while (entries_.size() > max_sessions_ || now - entries_.back().made >= lifetime_) {
    if (entries_.size() == 1) break;
    index_.erase(entries_.back().id);
    entries_.pop_back();
  }
}

std::optional<SecretBytes> MemorySessionCache::find(Bytes session_id, Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(as_text(session_id));
  if (found == index_.end()) return std::nullopt;
  const auto entry = found->second;
  if (now < entry->made || now - entry->made >= lifetime_) {
    index_.erase(found);
    entries_.erase(entry);
    return std::nullopt;
  }
  return entry->state.clone();
}

size_t MemorySessionCache::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace bulla
