// Ctrl-C, seen where work can stop cleanly.
#pragma once

namespace diffusion {

/// From now on SIGINT and SIGTERM set a flag; a second one ends the process.
void catch_interrupts();

/// Whether the user asked to stop.
bool interrupted();

/// Throws Interrupted if so: for loops over files, batches and steps.
void stop_if_interrupted();

/// From now on SIGUSR1, which batch systems send before a job's time is over, sets a flag.
void catch_stop_requests();

/// Whether it came: to stop at the next good place, as if the work were done.
bool stop_requested();

}  // namespace diffusion
