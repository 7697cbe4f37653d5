// The tables, and which of them a file has.
#pragma once

#include "ca/database.h"

namespace bulla::ca {

/// What a file holds.
enum class Contents : uint8_t { nothing, records };

/// Errors: ca_records_broken for a database of something else, or a damaged one; ca_records_newer.
Result<Contents> look_at(const Database& database);
/// Makes the tables, in the caller's transaction.
Result<void> lay_out(const Database& database);

}  // namespace bulla::ca
