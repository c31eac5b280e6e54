/* The table of devices. */
#include "core/device_internal.h"

#include <stdatomic.h>

#include "core/cpu/elementwise_internal.h"
#include "core/error.h"
#include "core/scope_internal.h"

static const cd_device_driver cpu = { .name = "cpu", .convert = cd_cpu_convert },
                              meta = { .name = "meta" };

static _Atomic(const cd_device_driver *) drivers[CD_DEVICE_COUNT] = {
    [CD_CPU] = &cpu, [CD_META] = &meta
};

const cd_device_driver *cd_device_driver_of(cd_device device)
{
    const unsigned number = (unsigned)device;
    return number < CD_DEVICE_COUNT ? atomic_load(&drivers[number]) : NULL;
}

const char *cd_device_name(cd_device device)
{
    const cd_device_driver *driver = cd_device_driver_of(device);
    return driver ? driver->name : "?";
}

cd_device cd_device_add(const cd_device_driver *driver)
{
    for (unsigned i = CD_META + 1; i < CD_DEVICE_COUNT; i++) {
        const cd_device_driver *unused = NULL;
        if (atomic_compare_exchange_strong(&drivers[i], &unused, driver)) return (cd_device)i;
    }
    (void)cd_fail(CD_ERR_STATE, "device %s: there are %d devices already, and no more fit",
                  driver->name, CD_DEVICE_COUNT - 1);
    return CD_DEVICE_DEFAULT;
}

bool cd_device_check(cd_device *device, const char *function)
{
    if (*device == CD_DEVICE_DEFAULT) *device = cd_modes & CD_MODE_META ? CD_META : CD_CPU;
    return cd_device_driver_of(*device) ||
           cd_fail(CD_ERR_DEVICE, "%s: %d is no device", function, (int)*device);
}
