#pragma once

namespace replmond::cli {

/// Descriptors 0, 1 and 2 are there, whoever started us: those that were closed lead to /dev/null. Otherwise
/// the first file that is opened would become stdout, and the log be written into it. To be called before
/// anything is opened. Says so on stderr where stdout was closed.
void keep_standard_streams();

} // namespace replmond::cli
