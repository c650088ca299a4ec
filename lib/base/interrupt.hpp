// Ctrl-C, seen where work can stop cleanly.
#pragma once

namespace diffusion {

/// From now on SIGINT and SIGTERM set a flag; a second one ends the process.
void catch_interrupts();

/// Whether the user asked to stop.
bool interrupted();

/// Throws Interrupted if so: for loops over files, batches and steps.
void stop_if_interrupted();

}  // namespace diffusion
