#pragma once

#include <string_view>

namespace replmond {

/// The form of instance ids: 36 letters and digits. Suffixes differ (in17, in07) and are not looked at.
bool is_instance_id(std::string_view text);

} // namespace replmond
