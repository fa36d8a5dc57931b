#pragma once

#include "daemon/model/event.hpp"
#include "daemon/model/failure.hpp"
#include "daemon/model/time.hpp"

#include <string>

/// The events about a project's credential, with the fields and levels that users' scripts rely on. `source`:
/// of the credential, for people; empty where there is none.
namespace replmond::cloud {

/// By this host's clock it had ended at `end`, when it was new.
event credential_expired(const std::string& project, const std::string& source, timestamp end, timestamp now);
/// A hold begins: the cloud refused it, or, where `why` has no status, it cannot be read on this host.
event credential_refused(const std::string& project, const std::string& source, const failure& why,
                         timestamp now);
/// After a hold.
event credential_accepted(const std::string& project, const std::string& source, timestamp now);

} // namespace replmond::cloud
