// What nobody catches: a fault of ours, said in one line.
#pragma once
#include <exception>
#include <string>

namespace diffusion::cli {

/// What to say of an exception that no code expects: "WHAT (a bug: please report it)", and of
/// a want of memory how to want less.
std::string as_bug(const std::exception& fault);

/// From now on an exception that leaves a thread or a destructor ends the program with such a
/// line and exit code 2, where it would abort.
void explain_termination();

}  // namespace diffusion::cli
