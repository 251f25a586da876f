#pragma once

// The components that a mixture has at most.
enum { MOST_COMPONENTS = 64 };
