#include "daemon/cli/load_configuration.hpp"

#include <algorithm>
#include <sys/stat.h>
#include <variant>

namespace replmond::cli {
namespace {

bool is_inline(const config::secret_source& source) {
    return source.from == config::secret_source::kind::value;
}

struct holds_a_secret {
    bool operator()(const config::aksk_auth& auth) const {
        return is_inline(auth.secret_key) || (auth.security_token && is_inline(*auth.security_token));
    }
    bool operator()(const config::password_auth& auth) const { return is_inline(auth.password); }
    bool operator()(const config::token_auth& auth) const { return is_inline(auth.token); }
    bool operator()(const config::metadata_auth&) const { return false; }
    bool operator()(const config::default_auth&) const { return false; }
};

bool others_can_read(const std::string& path) {
    struct stat file {};
    return stat(path.c_str(), &file) == 0 && (file.st_mode & S_IROTH) != 0;
}

} // namespace

config::load_outcome load_configuration(const std::string& path, const config::lookup& places) {
    auto outcome = config::load_file(path, places);
    if (!outcome.loaded || !others_can_read(path))
        return outcome;
    const auto& projects = outcome.loaded->projects;
    const bool secrets =
        std::any_of(projects.begin(), projects.end(), [](const config::project_settings& project) {
            return std::visit(holds_a_secret(), project.auth);
        });
    if (secrets)
        outcome.warnings.push_back(
            path + " holds secrets and other users can read it: take their permission away, or "
                   "put the secrets into files of their own");
    return outcome;
}

} // namespace replmond::cli
