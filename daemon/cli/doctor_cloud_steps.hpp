#pragma once

#include "daemon/cloud/project_api.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/doctor/answers.hpp"
#include "daemon/core/doctor/list_pages.hpp"
#include "daemon/core/doctor/steps.hpp"
#include "daemon/core/model/time.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace replmond::cli {

/// The step credential of one that is accepted.
doctor::step_result accepted_credential(const cloud::credential_proof& proof,
                                        const config::auth_settings& auth, timestamp now);
/// The step credential of one that is refused or could not be tried.
doctor::step_result failed_credential(const failure& why, const config::auth_settings& auth);

/// The step project_id. `is_configured`: else the cloud told it.
doctor::step_result project_id_step(const std::string& id, bool is_configured);
/// The step project_id where the cloud did not tell it and nothing else went wrong with the credential.
doctor::step_result failed_project_id(const failure& why);

/// The step instances: a listing of TaurusDB instances.
doctor::step_result instances_step(const cloud::instances_page& page);
/// The step htap: `found` StarRocks instances on `asked` of `all` TaurusDB instances.
doctor::step_result htap_step(std::size_t found, std::size_t asked, std::size_t all);
/// Either of the two that was refused: a failure only where the project discovers.
doctor::step_result failed_listing(doctor::step what, const failure& why, bool discovers);

/// The step list, of one instance.
doctor::step_result list_step(const doctor::list_form& form);
doctor::step_result failed_list(const failure& why);

/// The step configuration: `error_text` of a task, nothing where the cloud has none.
doctor::step_result configuration_step(const std::optional<std::string>& error_text, bool is_abnormal);
doctor::step_result failed_configuration(const failure& why);

/// The step rate_limit: `requests` were sent in all.
doctor::step_result rate_limit_step(const doctor::header_form& headers, const config::rate_limit& limit,
                                    std::size_t requests);

} // namespace replmond::cli
