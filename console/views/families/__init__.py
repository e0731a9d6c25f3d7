"""Walk-ins and changes at the desk: families, places and corrections, each as a sheet over the Today screen."""
