// What heap blocks hold when they are freed: operator delete of this program keeps a copy while it is asked
// to.
#pragma once

#include <bulla/bytes.h>

#include <functional>

namespace bulla::constant_time::graveyard {

/// From here on.
void open() noexcept;
/// Until here.
void close() noexcept;
/// Every block that was freed in between.
void for_each(const std::function<void(Bytes block)>& what);

}  // namespace bulla::constant_time::graveyard
