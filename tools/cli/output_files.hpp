// Checks the files that a command will write before the work begins.
#pragma once
#include <string>
#include <vector>

namespace diffusion::cli {

/// Throws Error where two of them are one; "-" is standard output, "" none.
void refuse_shared_names(std::vector<std::string> files);

/// Throws Error where it is a folder, or lies in one that is missing or closed.
void refuse_unwritable(const std::string& file);

/// Both, for files that have names.
void check_output_files(const std::vector<std::string>& files);

/// Throws Error where the name of `output` says another format than `flag` ("--format csv") asks
/// for, whose names end in `ending` (".csv"; "": in none that says one).
void refuse_other_format(const std::string& output, const std::string& ending,
                         const std::string& flag);

}  // namespace diffusion::cli
